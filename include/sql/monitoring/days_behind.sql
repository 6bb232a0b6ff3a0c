-- monitoring/days_behind.sql: cdp.tenants and cdp.order_events -> tenants without an order since yesterday
-- grain:       one row per tenant; the same as requested/sync_gaps.sql, which reads every order for it
-- parameters:  none
-- idempotent:  read only
select
    tenants.tenant_name,
    latest.order_date as last_order,
    current_date - latest.order_date::date as days_behind
from cdp.tenants
cross join lateral (
    -- The end of the tenant's part of the index: one entry, however many orders there are.
    select orders.order_date
    from cdp.order_events as orders
    where orders.tenant_id = tenants.tenant_id
    order by orders.order_date desc
    limit 1
) as latest
where current_date - latest.order_date::date > 1;
