-- orders/merge_products.sql: staging.order_items -> cdp.products
-- grain:       one row per (tenant_id, sku_id)
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there)
-- idempotent:  yes; the SKU is described as in the latest order, so a replay changes nothing
insert into cdp.products as target (
    tenant_id, sku_id, last_order_date, last_order_id,
    product_id, name, ref_id, ean, brand_id, brand_name, category_ids
)
select distinct on (line.sku_id)
    staged.tenant_id, line.sku_id, staged.order_date, staged.order_id,
    line.product_id, line.name, line.ref_id, line.ean, line.brand_id, line.brand_name, line.category_ids
from staging.orders as staged
inner join staging.order_items as line
    on
        staged.tenant_id = line.tenant_id
        and staged.batch_id = line.batch_id
        and staged.document_no = line.document_no
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and line.sku_id is not null
order by
    line.sku_id asc, staged.order_date desc, staged.order_id desc, staged.document_no desc, line.item_index asc
on conflict (tenant_id, sku_id) do update set
    last_order_date = excluded.last_order_date,
    last_order_id = excluded.last_order_id,
    synced_at = now(),
    product_id = excluded.product_id,
    name = excluded.name,
    ref_id = excluded.ref_id,
    ean = excluded.ean,
    brand_id = excluded.brand_id,
    brand_name = excluded.brand_name,
    category_ids = excluded.category_ids
where
    (excluded.last_order_date, excluded.last_order_id) >= (target.last_order_date, target.last_order_id)
    and (
        excluded.last_order_date, excluded.last_order_id,
        excluded.product_id, excluded.name, excluded.ref_id, excluded.ean,
        excluded.brand_id, excluded.brand_name, excluded.category_ids
    ) is distinct from (
        target.last_order_date, target.last_order_id,
        target.product_id, target.name, target.ref_id, target.ean,
        target.brand_id, target.brand_name, target.category_ids
    );
