-- orders/delete_order_items.sql: forget the lines of orders this run rewrote
-- grain:       all lines of an order; an edit may have removed some
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there)
-- idempotent:  yes, together with orders/insert_order_items.sql in one transaction
delete from cdp.order_items as line
using staging.orders as staged
where
    line.tenant_id = %(tenant_id)s
    and staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and line.order_id = staged.order_id;
