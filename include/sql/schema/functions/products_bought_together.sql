-- schema/functions/products_bought_together.sql: pairs of products -> which product goes with which
-- grain:       one row per product and other product
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace view cdp.products_bought_together with (security_invoker = true) as
with named as (

    select distinct on (tenant_id, coalesce(product_id, sku_id))
        tenant_id,
        coalesce(product_id, sku_id) as product_id,
        name
    from cdp.products
    order by tenant_id asc, coalesce(product_id, sku_id) asc, last_order_date desc, sku_id asc

)

select
    pair.tenant_id,
    pair.product_id,
    product.name as product_name,
    pair.other_product_id,
    other.name as other_name,
    pair.orders,
    pair.product_orders,
    pair.other_orders,
    round(pair.orders::numeric / pair.all_orders, 6) as support,
    round(pair.orders::numeric / pair.product_orders, 4) as confidence,
    round(pair.orders::numeric * pair.all_orders / pair.product_orders / pair.other_orders, 2) as lift,
    pair.as_of
from cdp.product_pairs as pair
left join named as product on pair.tenant_id = product.tenant_id and pair.product_id = product.product_id
left join named as other on pair.tenant_id = other.tenant_id and pair.other_product_id = other.product_id;

comment on view cdp.products_bought_together is 'Which products are bought in the same order: one row per (tenant_id, product_id, other_product_id), both ways round. Of the 365 days before the last daily calculation; which products and orders are looked at: cdp.product_pairs.';
comment on column cdp.products_bought_together.tenant_id is 'The shop.';
comment on column cdp.products_bought_together.product_id is 'A product: VTEX product id, the SKU id where there is none.';
comment on column cdp.products_bought_together.product_name is 'Name, as last sold.';
comment on column cdp.products_bought_together.other_product_id is 'A product bought with it.';
comment on column cdp.products_bought_together.other_name is 'Name of that, as last sold.';
comment on column cdp.products_bought_together.orders is 'Revenue orders with both.';
comment on column cdp.products_bought_together.product_orders is 'Revenue orders with product_id.';
comment on column cdp.products_bought_together.other_orders is 'Revenue orders with other_product_id.';
comment on column cdp.products_bought_together.support is 'Share of the shop''s orders that have both.';
comment on column cdp.products_bought_together.confidence is 'Share of the orders with product_id that have the other as well.';
comment on column cdp.products_bought_together.lift is 'confidence over the share of all orders that have the other: 1 is chance, 3 is three times as often.';
comment on column cdp.products_bought_together.as_of is 'Moment of the calculation that last changed the pair.';
