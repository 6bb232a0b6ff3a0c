-- feed/tenants.sql: cdp.tenants -> those whose feed is to be drained
-- grain:       one row per tenant
-- parameters:  none
-- idempotent:  read only
select tenant_id, tenant_name, slug, vtex_account, is_active, sync_enabled, sync_frequency_hours, go_live_date
from cdp.tenants
where is_active and feed_enabled
order by slug;
