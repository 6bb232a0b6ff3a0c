-- orders/insert_order_items.sql: staging.order_items -> cdp.order_items
-- grain:       one row per (tenant_id, order_id, item_index)
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there); lists of columns: see
--              cdp_sync/rows/merged_columns.py
-- idempotent:  yes, after orders/delete_order_items.sql in one transaction
insert into cdp.order_items (tenant_id, order_id, {columns})
select staged.tenant_id, staged.order_id, {staged}
from staging.orders as staged
inner join staging.order_items as line
    on
        staged.tenant_id = line.tenant_id
        and staged.batch_id = line.batch_id
        and staged.document_no = line.document_no
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s;
