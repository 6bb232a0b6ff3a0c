-- monitoring/unknown_statuses.sql: cdp.customer_orders, order_events -> statuses that count for nothing yet
-- grain:       one row per (tenant, status); give each an outcome in cdp.order_outcomes or tenant_order_outcomes
-- parameters:  none
-- idempotent:  read only
select
    tenants.tenant_name, event.status, count(*) as orders, sum(event.total) as total,
    max(event.order_date) as last_order_date
from cdp.customer_orders as bought
inner join cdp.order_events as event using (tenant_id, order_id)
inner join cdp.tenants using (tenant_id)
where tenants.is_active and bought.outcome = 'unknown'
group by tenants.tenant_name, event.status
order by tenants.tenant_name asc, orders desc, event.status asc;
