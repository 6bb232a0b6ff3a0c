-- intelligence/clv/histories.sql: cdp.customer_orders -> what the models know of each customer
-- grain:       one row per customer with a revenue order before `until`
-- parameters:  tenant_id, as_of (later orders do not exist), until (day in Argentina: what is known before, and what
--              comes later), everyone (otherwise the touched), most (only so many customers, of the lowest ids; null:
--              all), months, ratios (clv/price_ratios.sql; empty: values as paid)
-- idempotent:  read only
with price as (

    select listed.month, listed.ratio::numeric as ratio
    from unnest(%(months)s::date[], %(ratios)s::double precision[]) as listed (month, ratio)

),

first_price as (

    select month, ratio
    from price
    order by month
    limit 1

),

asked as (

    select customer_id
    from cdp.customers_touched
    where tenant_id = %(tenant_id)s and not %(everyone)s
    union all
    (
        select customer_id
        from cdp.customers
        where tenant_id = %(tenant_id)s and %(everyone)s
        order by customer_id
        limit %(most)s
    )

),

-- Several orders of one day are one: they are one visit, or a basket that VTEX split by seller.
order_day as (

    select
        customer_order.customer_id,
        calendar.day,
        sum(customer_order.net) as net,
        sum(round(customer_order.net * coalesce(price.ratio, first_price.ratio, 1), 2)) as real_net
    from asked
    inner join cdp.customer_orders as customer_order on asked.customer_id = customer_order.customer_id
    cross join lateral (  -- noqa: ST05
        select (customer_order.order_date at time zone 'America/Argentina/Buenos_Aires')::date as day
    ) as calendar
    left join price on price.month = date_trunc('month', calendar.day::timestamp)::date
    left join first_price on calendar.day < first_price.month
    where
        customer_order.tenant_id = %(tenant_id)s
        and customer_order.outcome = 'revenue'
        and customer_order.order_date < %(as_of)s
    group by customer_order.customer_id, calendar.day

)

select
    customer_id,
    (count(*) filter (where day < %(until)s))::integer - 1 as repeats,
    max(day) filter (where day < %(until)s) - min(day) as last_after_days,
    %(until)s::date - 1 - min(day) as age_days,
    coalesce(sum(net) filter (where day < %(until)s), 0)::double precision as net,
    coalesce(sum(real_net) filter (where day < %(until)s), 0)::double precision as real_net,
    (array_agg(real_net order by day))[1]::double precision as first_real_net,
    (count(*) filter (where day >= %(until)s))::integer as later_orders,
    coalesce(sum(real_net) filter (where day >= %(until)s), 0)::double precision as later_real_net
from order_day
group by customer_id
having min(day) < %(until)s;
