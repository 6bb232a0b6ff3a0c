-- intelligence/orders/index_prices.sql: cdp.order_items of revenue orders -> cdp.price_index
-- grain:       one row per (tenant_id, month) from the shop's first sale to the month of as_of; a month with fewer than
--              ten products sold in it and in the month before is as the one before
-- parameters:  tenant_id, as_of
-- idempotent:  yes
with sold as (

    select
        date_trunc('month', orders.order_date at time zone 'America/Argentina/Buenos_Aires')::date as month,
        item.sku_id,
        sum(item.selling_price * item.quantity) / sum(item.quantity) as price
    from cdp.customer_orders as orders
    inner join cdp.order_items as item
        on orders.tenant_id = item.tenant_id and orders.order_id = item.order_id
    where
        orders.tenant_id = %(tenant_id)s
        and item.tenant_id = %(tenant_id)s
        and orders.outcome = 'revenue'
        and orders.order_date < %(as_of)s
        and item.quantity > 0
        and item.selling_price > 0
        and item.is_gift is not true
    group by date_trunc('month', orders.order_date at time zone 'America/Argentina/Buenos_Aires'), item.sku_id

),

months as (

    select begin.at::date as month
    from (select min(sold.month) as first_month from sold) as begun
    cross join lateral generate_series(
        begun.first_month,
        date_trunc('month', %(as_of)s::timestamptz at time zone 'America/Argentina/Buenos_Aires')::date,
        interval '1 month'
    ) as begin (at)
    where begun.first_month is not null

),

pairs as (

    select
        month,
        price,
        lag(month) over (partition by sku_id order by month) as previous_month,
        lag(price) over (partition by sku_id order by month) as previous_price
    from sold

),

changes as (

    select
        month,
        count(*) as products,
        percentile_cont(0.5) within group (order by (price / previous_price)::double precision) as change
    from pairs
    where
        previous_month = (month - interval '1 month')::date
        -- the running month tells little yet
        and month < date_trunc('month', %(as_of)s::timestamptz at time zone 'America/Argentina/Buenos_Aires')
    group by month

),

measured as (

    select
        months.month,
        coalesce(changes.products, 0) as products,
        case when changes.products >= 10 then changes.change else 1 end as change
    from months
    left join changes on months.month = changes.month

),

chained as (

    select month, products, change, exp(sum(ln(change)) over (order by month)) as index
    from measured

),

gone as (

    delete from cdp.price_index as known
    where
        known.tenant_id = %(tenant_id)s
        and not exists (
            select from months
            where months.month = known.month
        )

)

insert into cdp.price_index as known (tenant_id, month, index, change, products)
select %(tenant_id)s, chained.month, chained.index, chained.change, chained.products
from chained
order by chained.month
on conflict (tenant_id, month) do update set
    (index, change, products) = (excluded.index, excluded.change, excluded.products)
where (known.index, known.change, known.products) is distinct from (excluded.index, excluded.change, excluded.products);
