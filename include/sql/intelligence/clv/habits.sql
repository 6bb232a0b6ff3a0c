-- intelligence/clv/habits.sql: cdp.customer_orders -> intervals between orders, and revenue of two quarters
-- grain:       one row
-- parameters:  tenant_id, as_of, until (day in Argentina), months, ratios (clv/price_ratios.sql)
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

order_day as (

    select
        customer_order.customer_id,
        calendar.day,
        sum(round(customer_order.net * coalesce(price.ratio, first_price.ratio, 1), 2)) as real_net
    from cdp.customer_orders as customer_order
    cross join lateral (  -- noqa: ST05
        select (customer_order.order_date at time zone 'America/Argentina/Buenos_Aires')::date as day
    ) as calendar
    left join price on price.month = date_trunc('month', calendar.day::timestamp)::date
    left join first_price on calendar.day < first_price.month
    where
        customer_order.tenant_id = %(tenant_id)s
        and customer_order.outcome = 'revenue'
        and customer_order.order_date < %(as_of)s
        and calendar.day < %(until)s::date
    group by customer_order.customer_id, calendar.day

),

visit as (

    select
        day,
        real_net,
        day - lag(day) over (partition by customer_id order by day) as days
    from order_day

)

select
    percentile_disc(
        array(select series.share::double precision / 100 from generate_series(0, 100) as series (share))
    ) within group (order by days::double precision) as intervals,
    coalesce(sum(real_net) filter (where day >= %(until)s::date - 90), 0)::double precision as recent,
    coalesce(
        sum(real_net) filter (where day >= %(until)s::date - 180 and day < %(until)s::date - 90), 0
    )::double precision as earlier
from visit;
