-- intelligence/products/refresh_pairs.sql: cdp.customer_orders, cdp.order_items -> cdp.product_pairs
-- grain:       one row per product and other product of the same orders, where it differs; others are deleted
-- parameters:  tenant_id, as_of, sync_run_id
-- idempotent:  yes
-- Bounded: at most 190 pairs an order (20 products), 2,000 products, 20 others of each.
with baskets as materialized (

    select owned.order_id, array_agg(distinct coalesce(item.product_id, item.sku_id)) as products
    from cdp.customer_orders as owned
    inner join cdp.order_items as item on owned.order_id = item.order_id
    where
        owned.tenant_id = %(tenant_id)s
        and item.tenant_id = %(tenant_id)s
        and owned.outcome = 'revenue'
        and owned.order_date < %(as_of)s
        -- hours: the length of days depends on the session's time zone
        and owned.order_date >= %(as_of)s - interval '8760 hours'
        and item.is_gift is not true
        and coalesce(item.product_id, item.sku_id) is not null
    group by owned.order_id
    having count(distinct coalesce(item.product_id, item.sku_id)) <= 20

),

counted as (

    select count(*)::integer as orders
    from baskets

),

-- Written out, so that the list of popular products is joined once, not once for each basket.
lines as materialized (

    select baskets.order_id, line.product_id
    from baskets
    cross join unnest(baskets.products) as line (product_id)

),

popular as materialized (

    select product_id, count(*)::integer as orders
    from lines
    group by product_id
    order by count(*) desc, convert_to(product_id, 'UTF8') asc
    limit 2000

),

popular_baskets as materialized (

    select array_agg(lines.product_id) as products
    from lines
    inner join popular on lines.product_id = popular.product_id
    group by lines.order_id
    having count(*) > 1

),

together as (

    select
        one.product_id,
        other.product_id as other_product_id,
        count(*)::integer as orders
    from popular_baskets as basket
    cross join unnest(basket.products) as one (product_id)
    cross join unnest(basket.products) as other (product_id)
    where one.product_id <> other.product_id
    group by one.product_id, other.product_id
    having count(*) >= 3

),

ranked as (

    select
        together.product_id,
        together.other_product_id,
        together.orders,
        product.orders as product_orders,
        other.orders as other_orders,
        row_number() over (
            partition by together.product_id
            order by together.orders desc, other.orders asc, convert_to(together.other_product_id, 'UTF8') asc
        ) as place
    from together
    inner join popular as product on together.product_id = product.product_id
    inner join popular as other on together.other_product_id = other.product_id

),

found as materialized (

    select
        ranked.*,
        counted.orders as all_orders
    from ranked
    cross join counted
    where ranked.place <= 20

),

gone as (

    delete from cdp.product_pairs as old
    where
        old.tenant_id = %(tenant_id)s
        and not exists (
            select from found
            where old.product_id = found.product_id and old.other_product_id = found.other_product_id
        )

)

insert into cdp.product_pairs as kept
(tenant_id, product_id, other_product_id, orders, product_orders, other_orders, all_orders, as_of, sync_run_id)
select
    %(tenant_id)s,
    product_id,
    other_product_id,
    orders,
    product_orders,
    other_orders,
    all_orders,
    %(as_of)s,
    %(sync_run_id)s
from found
on conflict (tenant_id, product_id, other_product_id) do update set
    orders = excluded.orders,
    product_orders = excluded.product_orders,
    other_orders = excluded.other_orders,
    all_orders = excluded.all_orders,
    as_of = excluded.as_of,
    sync_run_id = excluded.sync_run_id
where
    (kept.orders, kept.product_orders, kept.other_orders, kept.all_orders)
    is distinct from (excluded.orders, excluded.product_orders, excluded.other_orders, excluded.all_orders);
