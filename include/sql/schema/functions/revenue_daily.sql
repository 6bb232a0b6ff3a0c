-- schema/functions/revenue_daily.sql: what a shop sold, by day
-- grain:       one row per (tenant_id, day) with an order that counts as revenue
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace view cdp.revenue_daily with (security_invoker = true) as
with sold as (

    select
        orders.tenant_id,
        orders.customer_id,
        (orders.order_date at time zone 'America/Argentina/Buenos_Aires')::date as day,
        orders.gross,
        orders.net,
        orders.units,
        orders.order_id = profile.first_order_id as is_first
    from cdp.customer_orders as orders
    left join cdp.customer_profiles as profile
        on orders.tenant_id = profile.tenant_id and orders.customer_id = profile.customer_id
    where orders.outcome = 'revenue'

)

select
    tenant_id,
    day,
    count(*) as orders,
    sum(units) as units,
    sum(gross) as gross,
    sum(net) as net,
    count(distinct customer_id) as customers,
    count(*) filter (where is_first) as new_customers
from sold
group by tenant_id, day;

comment on view cdp.revenue_daily is 'What a shop sold to customers it knows, by day in Argentina: one row per (tenant_id, day). Orders are those that count as revenue.';
comment on column cdp.revenue_daily.tenant_id is 'The shop.';
comment on column cdp.revenue_daily.day is 'The day, in Argentina.';
comment on column cdp.revenue_daily.orders is 'Orders.';
comment on column cdp.revenue_daily.units is 'Units.';
comment on column cdp.revenue_daily.gross is 'What they cost, nominal.';
comment on column cdp.revenue_daily.net is 'gross less what was returned of them, whenever it was, nominal.';
comment on column cdp.revenue_daily.customers is 'Customers who ordered.';
comment on column cdp.revenue_daily.new_customers is 'Of them, those whose first order it was.';
