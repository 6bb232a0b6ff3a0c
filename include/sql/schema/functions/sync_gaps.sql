-- schema/functions/sync_gaps.sql: cdp.tenants and cdp.sync_coverage -> the gaps of every tenant at a moment
-- grain:       one row per tenant
-- parameters:  as_of
-- idempotent:  yes; applied again by every migration
create or replace function cdp.sync_gaps(as_of timestamptz)
returns table (
    tenant_id integer,
    slug text,
    history tstzrange,
    covered tstzmultirange,
    reachable tstzmultirange,
    unreachable tstzmultirange
)
language sql stable as $$
    with bounds as (

        select
            tenants.tenant_id,
            tenants.slug,
            coalesce(coverage.covered, '{}') as covered,
            tenants.go_live_date::timestamp at time zone cdp.local_time_zone() as go_live,
            -- What came after the end of coverage is the next incremental run's, which reaches back so far at most.
            least(greatest(upper(coverage.covered), as_of - cdp.longest_catch_up()), as_of) as until,
            -- The first midnight (UTC) that VTEX, which forgets, still answers for.
            date_trunc('day', as_of - cdp.vtex_memory() - interval '1 microsecond', 'UTC')
            + interval '24 hours' as oldest
        from cdp.tenants
        left join cdp.sync_coverage as coverage using (tenant_id)

    ),

    gap as (

        select
            *,
            tstzmultirange(tstzrange(go_live, greatest(go_live, until))) - bounds.covered as gap,
            tstzmultirange(tstzrange(oldest, null)) as remembered
        from bounds

    )

    select
        gap.tenant_id,
        gap.slug,
        tstzrange(go_live, greatest(go_live, until)),
        gap.covered,
        gap * remembered,
        gap - remembered
    from gap
$$;
comment on function cdp.sync_gaps(timestamptz) is 'Gaps of every tenant at a moment: time between go_live_date and the next incremental run that no completed window covers. reachable can be synced, unreachable is older than VTEX remembers.';
