-- tenants/all.sql: cdp.tenants -> tenant registry
-- grain:       one row per active tenant
-- parameters:  none
-- idempotent:  read only
select
    tenant_id,
    tenant_name,
    slug,
    vtex_account,
    is_active,
    sync_enabled,
    feed_enabled,
    sync_frequency_hours,
    go_live_date
from cdp.tenants
where is_active
order by slug;
