-- runs/advance_last_sync_at.sql: how fresh the tenant is
-- grain:       one row per tenant
-- parameters:  tenant_id, synced_at (the moment the run asked about; clearing an old run does not make data fresh)
-- idempotent:  yes; never moves back
update cdp.tenants
set last_sync_at = %(synced_at)s
where
    tenant_id = %(tenant_id)s
    and (last_sync_at is null or last_sync_at < %(synced_at)s);
