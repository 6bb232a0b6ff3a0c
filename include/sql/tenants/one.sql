-- tenants/one.sql: cdp.tenants -> what a run must know of its tenant, as it is now
-- grain:       one row
-- parameters:  tenant_id
-- idempotent:  read only
select
    is_active,
    sync_enabled,
    change_lookback_days,
    sync_frequency_hours,
    vtex_account,
    coalesce(order_hostname, vtex_account) as order_hostname
from cdp.tenants
where tenant_id = %(tenant_id)s;
