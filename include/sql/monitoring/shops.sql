-- monitoring/shops.sql: cdp.tenants, cdp.sync_runs, cdp.order_feeds, cdp.sync_gaps -> how every shop stands
-- grain:       one row per active tenant; its result is that of its latest run, unless its latest incremental run or
--              its feed fails
-- parameters:  none
-- idempotent:  read only
select
    tenants.tenant_name,
    tenants.sync_enabled,
    tenants.last_sync_at,
    latest.sync_type,
    latest.result,
    latest.result_at,
    latest.reason,
    coalesce(latest.failing, false) as failing,
    missing.days as days_missing
from cdp.sync_gaps(now()) as gaps
inner join cdp.tenants using (tenant_id)
-- sqlfluff does not see that it is correlated.
left join lateral (  -- noqa: ST05
    with result as (

        (
            select run.sync_type, run.status as result, run.finished_at as result_at, run.error as reason
            from cdp.sync_runs as run
            where run.tenant_id = gaps.tenant_id and run.status <> 'running'
            order by run.sync_run_id desc
            limit 1
        )
        union all
        (
            select run.sync_type, run.status, run.finished_at, run.error
            from cdp.sync_runs as run
            where run.tenant_id = gaps.tenant_id and run.status <> 'running' and run.sync_type = 'incremental'
            order by run.sync_run_id desc
            limit 1
        )
        union all
        select 'feed', feed.state, feed.checked_at, feed.reason
        from cdp.order_feeds as feed
        where feed.tenant_id = gaps.tenant_id and feed.state = 'failed' and tenants.feed_enabled

    )

    -- A completed run with an error is one whose checks failed.
    select
        result.*,
        result.result <> 'skipped' and result.reason is not null as failing
    from result
    order by failing desc, result.result_at desc
    limit 1
) as latest on true
cross join lateral (
    select coalesce(round(sum(extract(epoch from upper(bounds) - lower(bounds))) / 86400, 1), 0) as days
    from unnest(gaps.reachable) as stretch (bounds)
) as missing
where tenants.is_active
order by tenants.tenant_name;
