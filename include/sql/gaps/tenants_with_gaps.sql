-- gaps/tenants_with_gaps.sql: cdp.sync_gaps -> tenants whose history is to be synced
-- grain:       one row per tenant, the one whose history was synced longest ago first, so that none waits for ever
-- parameters:  as_of
-- idempotent:  read only
select gaps.slug
from cdp.sync_gaps(%(as_of)s) as gaps
inner join cdp.tenants using (tenant_id)
where tenants.is_active and tenants.sync_enabled and not isempty(gaps.reachable)
order by
    (
        select max(checkpoint.started_at)
        from cdp.sync_checkpoints as checkpoint
        where
            checkpoint.tenant_id = gaps.tenant_id
            and checkpoint.sync_type = 'historical'
            and checkpoint.status <> 'unreachable'
    ) asc nulls first,
    gaps.slug asc;
