-- intelligence/identity/count_orders.sql: staging.identity_orders -> numbers of orders, and how far back they reach
-- grain:       one row
-- parameters:  tenant_id
-- idempotent:  read only; before intelligence/identity/assign_orders.sql, which forgets where vanished orders were
select
    count(*) filter (where scope.is_changed) as changed,
    count(*) filter (where scope.order_date is not null and scope.key is null) as anonymous,
    min(least(scope.order_date, known.order_date)) filter (where scope.is_changed) as since
from staging.identity_orders as scope
left join cdp.customer_orders as known
    on known.tenant_id = %(tenant_id)s and scope.order_id = known.order_id
where scope.tenant_id = %(tenant_id)s;
