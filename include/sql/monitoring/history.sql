-- monitoring/history.sql: cdp.sync_gaps -> how far every tenant's history has come
-- grain:       one row per active tenant, the one that misses most first
-- parameters:  none
-- idempotent:  read only
select
    tenants.tenant_name,
    tenants.go_live_date,
    tenants.initial_sync_completed,
    missing.days as days_missing,
    forgotten.days as days_unreachable,
    (
        select count(*)
        from cdp.sync_checkpoints as checkpoint
        where
            checkpoint.tenant_id = gaps.tenant_id
            and checkpoint.sync_type = 'historical'
            and checkpoint.status = 'failed'
    ) as windows_failed
from cdp.sync_gaps(now()) as gaps
inner join cdp.tenants using (tenant_id)
cross join lateral (
    select coalesce(round(sum(extract(epoch from upper(bounds) - lower(bounds))) / 86400, 1), 0) as days
    from unnest(gaps.reachable) as stretch (bounds)
) as missing
cross join lateral (
    select coalesce(round(sum(extract(epoch from upper(bounds) - lower(bounds))) / 86400, 1), 0) as days
    from unnest(gaps.unreachable) as stretch (bounds)
) as forgotten
where tenants.is_active
order by missing.days desc, tenants.tenant_name asc;
