-- intelligence/profiles/write.sql: customer_orders, order_events, order_items, order_packages -> cdp.customer_profiles
-- grain:       one row per (tenant_id, customer_id), of touched customers or of all
-- parameters:  tenant_id, as_of, sync_run_id, everyone
-- idempotent:  yes
with scope as materialized (

    select
        mine.customer_id, mine.order_id, mine.order_date, mine.outcome, mine.gross, mine.net, mine.units,
        mine.outcome = 'revenue' as counts,
        nullif(orders.sales_channel, '') as sales_channel,
        nullif(orders.payment_group, '') as payment_group,
        nullif(orders.coupon, '') as coupon,
        nullif(orders.shipping_city, '') as shipping_city,
        nullif(orders.shipping_state, '') as shipping_state,
        orders.opt_in_newsletter, orders.discounts_total, orders.items_total,
        coalesce(orders.affiliate_id, '') <> '' or coalesce(orders.origin = 'Fulfillment', false) as is_marketplaces
    from cdp.customer_orders as mine
    inner join cdp.order_events as orders
        on mine.tenant_id = orders.tenant_id and mine.order_id = orders.order_id
    where
        mine.tenant_id = %(tenant_id)s
        and orders.tenant_id = %(tenant_id)s
        and mine.order_date < %(as_of)s
        and (
            %(everyone)s
            or mine.customer_id = any(
                array(
                    select touched.customer_id
                    from cdp.customers_touched as touched
                    where touched.tenant_id = %(tenant_id)s
                )
            )
        )

),

numbered as (

    select
        customer_id, order_id, order_date, gross, net, units, coupon, discounts_total, items_total, is_marketplaces,
        row_number() over latest_last as place,
        row_number() over latest_first as place_from_the_end
    from scope
    where counts
    window
        latest_last as (partition by customer_id order by order_date, order_id),
        latest_first as (partition by customer_id order by order_date desc, order_id desc)

),

bought as (

    select
        customer_id,
        min(order_date) as first_order_date,
        min(order_id) filter (where place = 1) as first_order_id,
        min(order_date) filter (where place = 2) as second_order_date,
        min(order_id) filter (where place = 2) as second_order_id,
        max(order_date) as last_order_date,
        min(order_id) filter (where place_from_the_end = 1) as last_order_id,
        count(*) as orders,
        sum(units) as units,
        sum(gross) as gross,
        sum(net) as net,
        avg((coupon is not null)::integer) as coupon_share,
        avg(is_marketplaces::integer) as marketplace_share,
        -sum(discounts_total) / nullif(sum(items_total), 0) as discount_share
    from numbered
    group by customer_id

),

-- The orders of one purchase, one for each seller, are one visit.
visits as (

    select
        customer_id,
        day - lag(day) over (partition by customer_id order by day) as days
    from (
        select distinct customer_id, (order_date at time zone 'America/Argentina/Buenos_Aires')::date as day
        from scope
        where counts
    ) as visit

),

habits as (

    select customer_id, round(percentile_cont(0.5) within group (order by days)::numeric, 3) as usual_interval_days
    from visits
    where days is not null
    group by customer_id

),

tried as (

    select
        customer_id,
        count(*) filter (where outcome = 'cancelled') as cancelled,
        count(*) filter (where outcome = 'pending') as pending,
        count(*) filter (where outcome = 'unknown') as unknown,
        count(*) filter (where outcome = 'cart') as carts
    from scope
    group by customer_id

),

-- A shop that corrects a return sends it again, under the same invoice number.
returned as (

    select customer_id, count(*) as returns, sum(amount) as returned
    from (
        select
            scope.customer_id,
            max(coalesce(package.refund, package.invoice_value, 0)) as amount
        from scope
        inner join cdp.order_packages as package
            on package.tenant_id = %(tenant_id)s and scope.order_id = package.order_id
        where package.package_type = 'Input' and scope.counts
        group by scope.customer_id, scope.order_id, coalesce(package.invoice_number, package.package_index::text)
    ) as invoices
    group by customer_id

),

channels as (

    select distinct on (customer_id) customer_id, sales_channel
    from (
        select customer_id, sales_channel, count(*) as orders, sum(net) as net
        from scope
        where counts and sales_channel is not null
        group by customer_id, sales_channel
    ) as channel
    order by customer_id asc, orders desc, net desc, sales_channel collate "C" asc

),

payments as (

    select distinct on (customer_id) customer_id, payment_group
    from (
        select customer_id, payment_group, count(*) as orders, sum(net) as net
        from scope
        where counts and payment_group is not null
        group by customer_id, payment_group
    ) as payment
    order by customer_id asc, orders desc, net desc, payment_group collate "C" asc

),

lines as (

    select
        scope.customer_id,
        scope.order_id,
        nullif(item.category_ids, '') as category_ids,
        nullif(item.brand_name, '') as brand_name,
        item.quantity * item.selling_price as amount
    from scope
    inner join cdp.order_items as item
        on item.tenant_id = %(tenant_id)s and scope.order_id = item.order_id
    where scope.counts

),

categories as (

    select distinct on (customer_id) customer_id, category_ids
    from (
        select customer_id, category_ids, count(distinct order_id) as orders, sum(amount) as amount
        from lines
        where category_ids is not null
        group by customer_id, category_ids
    ) as category
    order by customer_id asc, orders desc, amount desc nulls last, category_ids collate "C" asc

),

brands as (

    select distinct on (customer_id) customer_id, brand_name
    from (
        select customer_id, brand_name, count(distinct order_id) as orders, sum(amount) as amount
        from lines
        where brand_name is not null
        group by customer_id, brand_name
    ) as brand
    order by customer_id asc, orders desc, amount desc nulls last, brand_name collate "C" asc

),

consents as (

    select distinct on (customer_id) customer_id, opt_in_newsletter
    from scope
    where opt_in_newsletter is not null
    order by customer_id asc, order_date desc, order_id desc

),

places as (

    select distinct on (customer_id) customer_id, shipping_city, shipping_state
    from scope
    where shipping_city is not null
    order by customer_id asc, order_date desc, order_id desc

)

insert into cdp.customer_profiles as known (
    tenant_id,
    customer_id,
    first_order_date,
    first_order_id,
    second_order_date,
    second_order_id,
    last_order_date,
    last_order_id,
    orders,
    units,
    gross,
    net,
    average_ticket,
    usual_interval_days,
    next_expected_date,
    cancelled,
    pending,
    unknown,
    carts,
    returns,
    returned, favourite_category, favourite_brand, favourite_channel, favourite_payment, coupon_share, discount_share,
    marketplace_share, opt_in_newsletter, city, state, as_of, sync_run_id
)
select
    %(tenant_id)s,
    tried.customer_id,
    bought.first_order_date,
    bought.first_order_id,
    bought.second_order_date,
    bought.second_order_id,
    bought.last_order_date, bought.last_order_id, coalesce(bought.orders, 0), coalesce(bought.units, 0),
    coalesce(bought.gross, 0), coalesce(bought.net, 0), round(bought.net / bought.orders, 2),
    habits.usual_interval_days, bought.last_order_date + habits.usual_interval_days * interval '1 day',
    tried.cancelled,
    tried.pending,
    tried.unknown,
    tried.carts,
    coalesce(returned.returns, 0),
    coalesce(returned.returned, 0),
    categories.category_ids, brands.brand_name, channels.sales_channel, payments.payment_group,
    round(bought.coupon_share, 4), greatest(0, least(1, round(bought.discount_share, 4))),
    round(bought.marketplace_share, 4), consents.opt_in_newsletter, places.shipping_city, places.shipping_state,
    %(as_of)s, %(sync_run_id)s
from tried
left join bought on tried.customer_id = bought.customer_id
left join habits on tried.customer_id = habits.customer_id
left join returned on tried.customer_id = returned.customer_id
left join channels on tried.customer_id = channels.customer_id
left join payments on tried.customer_id = payments.customer_id
left join categories on tried.customer_id = categories.customer_id
left join brands on tried.customer_id = brands.customer_id
left join consents on tried.customer_id = consents.customer_id
left join places on tried.customer_id = places.customer_id
on conflict (tenant_id, customer_id) do update set
    (
        first_order_date,
        first_order_id,
        second_order_date,
        second_order_id,
        last_order_date,
        last_order_id,
        orders,
        units,
        gross,
        net,
        average_ticket, usual_interval_days, next_expected_date, cancelled, pending, unknown, carts, returns, returned,
        favourite_category, favourite_brand, favourite_channel, favourite_payment, coupon_share, discount_share,
        marketplace_share, opt_in_newsletter, city, state, as_of, sync_run_id
    )
    = (
        excluded.first_order_date,
        excluded.first_order_id,
        excluded.second_order_date,
        excluded.second_order_id,
        excluded.last_order_date,
        excluded.last_order_id, excluded.orders, excluded.units, excluded.gross, excluded.net, excluded.average_ticket,
        excluded.usual_interval_days,
        excluded.next_expected_date,
        excluded.cancelled,
        excluded.pending,
        excluded.unknown,
        excluded.carts,
        excluded.returns, excluded.returned, excluded.favourite_category, excluded.favourite_brand,
        excluded.favourite_channel, excluded.favourite_payment, excluded.coupon_share, excluded.discount_share,
        excluded.marketplace_share, excluded.opt_in_newsletter, excluded.city, excluded.state, excluded.as_of,
        excluded.sync_run_id
    )
where
    (
        known.first_order_date,
        known.first_order_id,
        known.second_order_date,
        known.second_order_id,
        known.last_order_date,
        known.last_order_id, known.orders, known.units, known.gross, known.net, known.average_ticket,
        known.usual_interval_days,
        known.next_expected_date,
        known.cancelled,
        known.pending,
        known.unknown,
        known.carts,
        known.returns,
        known.returned, known.favourite_category, known.favourite_brand, known.favourite_channel,
        known.favourite_payment, known.coupon_share, known.discount_share, known.marketplace_share,
        known.opt_in_newsletter, known.city, known.state
    )
    is distinct from
    (
        excluded.first_order_date,
        excluded.first_order_id,
        excluded.second_order_date,
        excluded.second_order_id,
        excluded.last_order_date,
        excluded.last_order_id, excluded.orders, excluded.units, excluded.gross, excluded.net, excluded.average_ticket,
        excluded.usual_interval_days,
        excluded.next_expected_date,
        excluded.cancelled,
        excluded.pending,
        excluded.unknown,
        excluded.carts,
        excluded.returns, excluded.returned, excluded.favourite_category, excluded.favourite_brand,
        excluded.favourite_channel, excluded.favourite_payment, excluded.coupon_share, excluded.discount_share,
        excluded.marketplace_share, excluded.opt_in_newsletter, excluded.city, excluded.state
    );
