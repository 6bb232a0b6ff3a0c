-- intelligence/identity/take_everyone.sql: every order of a shop -> staging.identity_orders, identity_customers
-- grain:       one row per order that is stored or was somebody's; one per customer
-- parameters:  tenant_id
-- idempotent:  yes
with customers as (

    insert into staging.identity_customers (tenant_id, customer_id)
    select tenant_id, customer_id
    from cdp.customers
    where tenant_id = %(tenant_id)s
    on conflict do nothing

)

insert into staging.identity_orders (tenant_id, order_id, is_changed)
select orders.tenant_id, orders.order_id, true
from cdp.order_events as orders
where orders.tenant_id = %(tenant_id)s
union
select known.tenant_id, known.order_id, true
from cdp.customer_orders as known
where known.tenant_id = %(tenant_id)s
on conflict do nothing;
