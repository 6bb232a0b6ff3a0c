-- orders/insert_order_items.sql: staging.order_items -> cdp.order_items
-- grain:       one row per (tenant_id, order_id, item_index)
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there)
-- idempotent:  yes, after orders/delete_order_items.sql in one transaction
insert into cdp.order_items (
    tenant_id, order_id,
    item_index, unique_id, sku_id, product_id, seller_id, name,
    ref_id, quantity, list_price, price, selling_price, tax,
    discount, shipping_price, measurement_unit, unit_multiplier, is_gift
)
select
    staged.tenant_id, staged.order_id,
    line.item_index, line.unique_id, line.sku_id, line.product_id, line.seller_id,
    line.name, line.ref_id, line.quantity, line.list_price_cents * 0.01, line.price_cents * 0.01,
    line.selling_price_cents * 0.01, line.tax_cents * 0.01, line.discount_cents * 0.01,
    line.shipping_price_cents * 0.01, line.measurement_unit, line.unit_multiplier, line.is_gift
from staging.orders as staged
inner join staging.order_items as line
    on
        staged.tenant_id = line.tenant_id
        and staged.batch_id = line.batch_id
        and staged.document_no = line.document_no
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s;
