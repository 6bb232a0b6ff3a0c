-- orders/delete_order_payloads.sql: forget the documents of orders this run rewrote
-- grain:       one row per (tenant_id, order_id)
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there)
-- idempotent:  yes; the merge copies the documents from landing in the same transaction
delete from cdp.order_payloads as payload
using staging.orders as staged
where
    payload.tenant_id = %(tenant_id)s
    and staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and payload.order_id = staged.order_id;
