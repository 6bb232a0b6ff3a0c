-- orders/merge_products.sql: staging.order_items -> cdp.products
-- grain:       one row per (tenant_id, sku_id)
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there); lists of columns: see
--              cdp_sync/rows/merged_columns.py
-- idempotent:  yes; the SKU is described as in the latest order, so a replay changes nothing
insert into cdp.products as target (
    tenant_id, sku_id, last_order_date, last_order_id, {columns}
)
select distinct on (line.sku_id)
    staged.tenant_id, line.sku_id, staged.order_date, staged.order_id, {staged}
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
    (last_order_date, last_order_id, synced_at, {columns})
    = (excluded.last_order_date, excluded.last_order_id, now(), {excluded})
where
    (excluded.last_order_date, excluded.last_order_id) >= (target.last_order_date, target.last_order_id)
    and (excluded.last_order_date, excluded.last_order_id, {excluded})
    is distinct from (target.last_order_date, target.last_order_id, {target});
