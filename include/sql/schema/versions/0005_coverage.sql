-- schema/versions/0005_coverage.sql: which time is synced, and which is not
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.sync_checkpoints drop constraint sync_checkpoints_status_check;
alter table cdp.sync_checkpoints add constraint sync_checkpoints_status_check
    check (status in ('running', 'completed', 'failed', 'unreachable'));

comment on column cdp.sync_checkpoints.status is 'running, completed, failed, or unreachable: time older than VTEX''s two years that was never synced. A completed window stays completed while it is run again.';

create table cdp.sync_coverage (
    tenant_id integer primary key references cdp.tenants,
    covered tstzmultirange not null
);

comment on table cdp.sync_coverage is 'The completed windows of cdp.sync_checkpoints put together: one row per tenant. Kept by triggers, whoever writes checkpoints; not to be written otherwise.';
comment on column cdp.sync_coverage.tenant_id is 'The shop.';
comment on column cdp.sync_coverage.covered is 'Creation times whose orders were synced.';

create function cdp.add_coverage() returns trigger language plpgsql as $$
begin
    insert into cdp.sync_coverage as coverage (tenant_id, covered)
    select tenant_id, range_agg(tstzrange(window_start, window_end))
    from written
    where status = 'completed'
    group by tenant_id
    on conflict (tenant_id) do update set covered = coverage.covered + excluded.covered
    where not coverage.covered @> excluded.covered;
    return null;
end
$$;
comment on function cdp.add_coverage() is 'Adds completed windows to cdp.sync_coverage.';

create function cdp.recompute_coverage() returns trigger language plpgsql as $$
begin
    update cdp.sync_coverage as coverage
    set covered = coalesce(
        (
            select range_agg(tstzrange(window_start, window_end))
            from cdp.sync_checkpoints as checkpoint
            where checkpoint.tenant_id = coverage.tenant_id and checkpoint.status = 'completed'
        ),
        '{}'
    )
    where coverage.tenant_id in (
        select gone.tenant_id
        from gone
        where gone.status = 'completed' and not exists (
            select from cdp.sync_checkpoints as checkpoint
            where
                checkpoint.status = 'completed'
                and (checkpoint.tenant_id, checkpoint.sync_type, checkpoint.window_start, checkpoint.window_end)
                = (gone.tenant_id, gone.sync_type, gone.window_start, gone.window_end)
        )
    );
    return null;
end
$$;
comment on function cdp.recompute_coverage() is 'Takes windows that are completed no more out of cdp.sync_coverage: what somebody deletes is a gap again.';

create trigger sync_checkpoints_insert after insert on cdp.sync_checkpoints
referencing new table as written for each statement execute function cdp.add_coverage();
create trigger sync_checkpoints_update after update on cdp.sync_checkpoints
referencing new table as written for each statement execute function cdp.add_coverage();
create trigger sync_checkpoints_take_back after update on cdp.sync_checkpoints
referencing old table as gone for each statement execute function cdp.recompute_coverage();
create trigger sync_checkpoints_delete after delete on cdp.sync_checkpoints
referencing old table as gone for each statement execute function cdp.recompute_coverage();

insert into cdp.sync_coverage (tenant_id, covered)
select tenant_id, range_agg(tstzrange(window_start, window_end))
from cdp.sync_checkpoints
where status = 'completed'
group by tenant_id;

create function cdp.sync_gaps(as_of timestamptz)
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
            tenants.go_live_date::timestamp at time zone 'America/Argentina/Buenos_Aires' as go_live,
            -- What came after the end of coverage is the next incremental run's, which reaches back a week at most.
            least(greatest(upper(coverage.covered), as_of - interval '168 hours'), as_of) as until,
            -- The first midnight (UTC) that VTEX, which forgets after two years, still answers for.
            date_trunc('day', as_of - interval '17520 hours' - interval '1 microsecond', 'UTC')
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
