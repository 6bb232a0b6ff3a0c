-- A shop of repeat buyers of any size: the same rows whenever they are made.
-- Buyers begin over three years and order as BG/NBD says (r = 1, alpha = 12 weeks, a = 1, b = 7): about five orders each; one
-- order in twenty is not revenue. They spend at levels of their own. A buyer shows a document in nine orders of ten, one
-- of two addresses, always the same VTEX profile; a counter's address stands for one in a hundred. Lines are two an order
-- on average, of 5,000 products, some of which go together; prices rise 2 % a month. Three invoiced orders in a hundred
-- come back in part. {buyers} is their number.
insert into cdp.sync_runs (tenant_id, batch_id, sync_type, window_start, window_end, status, started_at)
values (1, 'batch', 'historical', '2023-11-20Z', '2026-11-20Z', 'completed', '2026-11-20Z');
create function pg_temp.chance(n bigint, seed bigint) returns double precision
language sql immutable strict parallel safe as $$
    select ((hashint8extended(n, seed) & 2147483647) + 0.5) / 2147483648.0
$$;
create temporary table buyers as
select
    n,
    1090 * pg_temp.chance(n, 1) as began,
    -ln(pg_temp.chance(n, 2)) / 84 as a_day,
    least(90, 2 + floor(ln(pg_temp.chance(n, 4)) / ln(power(pg_temp.chance(n, 5), 1 / 7.0)))) as visits,
    0.4 - 0.6 * ln(pg_temp.chance(n, 9)) as dear
from generate_series(1, {buyers}) as n;
create temporary table orders as
select
    n,
    'v' || n || 'bch-01' as order_id,
    buyer,
    timestamptz '2023-11-20Z' + day * interval '24 hours' as moment,
    pg_temp.chance(n, 3) as luck,
    power(1.02, day / 30.4) * dear as prices
from (
    select
        buyers.n as buyer,
        visit * {buyers} + buyers.n as n,
        dear,
        began + sum(case visit when 0 then 0 else -ln(pg_temp.chance(visit * {buyers} + buyers.n, 6)) / a_day end)
            over (partition by buyers.n order by visit) as day
    from buyers
    cross join generate_series(0, buyers.visits::bigint - 1) as visit
) as placed
where day < 1095;
create temporary table lines as
select
    orders.n, order_id, item_index, product, 1 + (pg_temp.chance(orders.n, 20 + item_index) * 1.2)::integer as quantity,
    round(((500 + product * 7 % 20000) * prices)::numeric, 2) as price
from orders
cross join generate_series(0, 2) as item_index
cross join lateral (select 1 + floor(5000 * power(pg_temp.chance(orders.n, 10), 3))::integer as first) as chosen
cross join lateral (
    select case
        when item_index = 0 then first
        when pg_temp.chance(orders.n, 11) < 0.2 then 1 + (first + item_index - 1) % 5000
        else 1 + floor(5000 * power(pg_temp.chance(orders.n, 12 + item_index), 3))::integer
    end as product
) as filled
where item_index < 3 * pg_temp.chance(orders.n, 6);
insert into cdp.order_events (
    tenant_id, order_id, status, order_date, last_change, seller_ids, total, items_total, discounts_total, shipping_total,
    item_count, unit_count, payment_count, payment_method, payment_group, sales_channel, affiliate_id, hostname, currency,
    coupon, shipping_state, shipping_city, opt_in_newsletter, fetched_at, sync_run_id, typing_version
)
select
    1, order_id,
    case
        when luck < 0.03 then 'canceled' when luck < 0.04 then 'payment-pending' when luck < 0.05 then 'window-to-cancel'
        when luck < 0.08 then 'handling' else 'invoiced'
    end,
    moment, moment + interval '2 days', '{1}', items + 900, items, 0, 900, lines, units, 1,
    (array['Visa', 'Mercado Pago', 'Mastercard'])[1 + n % 3], (array['creditCard', 'custom'])[1 + n % 2],
    (1 + buyer % 3)::text, case when n % 10 = 0 then 'MLA' else '' end, 'bench', 'ARS',
    case when pg_temp.chance(n, 30) < 0.15 then 'PROMO' || n % 20 end, 'Buenos Aires', 'City ' || buyer % 400,
    pg_temp.chance(n, 31) < 0.4, moment + interval '2 days', 1, 4
from orders
inner join (
    select n, sum(price * quantity) as items, count(*) as lines, sum(quantity) as units from lines group by n
) as summed using (n);
insert into cdp.order_items (
    tenant_id, order_id, item_index, unique_id, sku_id, product_id, seller_id, name, quantity, list_price, price, selling_price,
    line_total, brand_id, brand_name, category_ids, is_gift
)
select
    1, order_id, item_index, n || '-' || item_index, product::text, (product / 2)::text, '1', 'Product ' || product, quantity,
    price, price, price, price * quantity, (product % 60)::text, 'Brand ' || product % 60, '/' || product % 12 || '/' || product % 90 || '/',
    false
from lines;
insert into cdp.products (
    tenant_id, sku_id, product_id, name, brand_id, brand_name, category_ids, last_order_date, last_order_id
)
select distinct on (product)
    1, product::text, (product / 2)::text, 'Product ' || product, (product % 60)::text, 'Brand ' || product % 60,
    '/' || product % 12 || '/' || product % 90 || '/', moment, order_id
from lines inner join orders using (n, order_id)
order by product, moment desc, order_id;
insert into cdp.order_packages (
    tenant_id, order_id, package_index, package_type, invoice_number, invoice_value, issued_at, refund
)
select
    1, order_id, package_index, case package_index when 0 then 'Output' else 'Input' end, n || '-' || package_index,
    case package_index when 0 then total else round(total / 3, 2) end, order_date + interval '2 days',
    case package_index when 1 then round(total / 3, 2) end
from orders
inner join cdp.order_events as event using (order_id)
cross join generate_series(0, 1) as package_index
where event.tenant_id = 1 and event.status = 'invoiced' and (package_index = 0 or pg_temp.chance(n, 32) < 0.03);
insert into cdp.order_package_items (tenant_id, order_id, package_item_index, package_index, item_index, quantity, price)
select 1, order_id, package_index, package_index, 0, 1, line.price
from cdp.order_packages as package
inner join lines as line using (order_id)
where package.tenant_id = 1 and line.item_index = 0;
insert into cdp.order_buyers (
    tenant_id, order_id, document, document_type, email, user_profile_id, first_name, last_name, phone,
    is_corporate, document_key, email_key, profile_key, phone_key
)
select
    1, order_id, document, case when document is not null then 'dni' end, email, profile, 'First ' || buyer, 'Last ' || buyer,
    phone, false, cdp.identifier_key(1, 'document', document), cdp.identifier_key(1, 'email', email),
    cdp.identifier_key(1, 'profile', profile), cdp.identifier_key(1, 'phone', phone)
from orders
cross join lateral (
    select
        case
            when pg_temp.chance(n, 40) < 0.002 then '11111111'
            when pg_temp.chance(n, 40) < 0.9 then (20000000 + buyer)::text
        end as document,
        case
            when pg_temp.chance(n, 41) < 0.01 then 'counter@shop.example'
            else 'b' || buyer || case when pg_temp.chance(n, 42) < 0.2 then 'x' else '' end || '@mail.example'
        end as email,
        'profile-' || buyer as profile,
        case when pg_temp.chance(n, 43) < 0.6 then (1100000000 + buyer)::text end as phone
) as shown;
drop table lines, orders, buyers;
