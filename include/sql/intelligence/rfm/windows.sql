-- intelligence/rfm/windows.sql: cdp.customer_settings, cdp.customer_rfm -> windows to calculate
-- grain:       one row per window in days; 0 is the whole life. A window that is wanted no longer is not wanted
-- parameters:  tenant_id
-- idempotent:  read only
select window_days, bool_or(is_wanted) as is_wanted
from (
    select 0 as window_days, true as is_wanted
    union all
    select unnest(rfm_windows), true from cdp.customer_settings
where tenant_id = %(tenant_id)s
    union all
    select window_days, false from cdp.customer_rfm
where tenant_id = %(tenant_id)s
group by window_days
) as windows
group by window_days
order by window_days;
