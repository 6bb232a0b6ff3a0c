-- intelligence/journeys/choose_customers.sql: whose journey to calculate -> staging.journey_customers
-- grain:       one row per customer: touched; moved on by time; with an order in a month that is judged otherwise now
-- parameters:  tenant_id, as_of, everyone, months (first days of months)
-- idempotent:  yes
insert into staging.journey_customers (tenant_id, customer_id)
select tenant_id, customer_id
from cdp.customers_touched
where tenant_id = %(tenant_id)s
union
select tenant_id, customer_id
from cdp.customer_journeys
where tenant_id = %(tenant_id)s and (next_transition_at < %(as_of)s or %(everyone)s)
union
select tenant_id, customer_id
from cdp.customers
where tenant_id = %(tenant_id)s and %(everyone)s
union
select orders.tenant_id, orders.customer_id
from unnest(%(months)s::date[]) as month (month)
inner join cdp.customer_orders as orders
    on
        orders.tenant_id = %(tenant_id)s
        and orders.order_date >= month.month::timestamp at time zone 'America/Argentina/Buenos_Aires'
        and orders.order_date < (month.month + interval '1 month') at time zone 'America/Argentina/Buenos_Aires'
where orders.tenant_id = %(tenant_id)s
on conflict do nothing;
