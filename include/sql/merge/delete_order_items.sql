-- merge/delete_order_items.sql: forget the lines of orders this run rewrote
-- grain:       all lines of an order; an edit may have removed some
-- parameters:  tenant_id, batch_id, sync_run_id
-- idempotent:  yes, together with merge/order_items.sql in one transaction
delete from cdp.order_items as line
using staging.orders as staged, cdp.order_events as stored
where
    line.tenant_id = %(tenant_id)s
    and line.order_id = stored.order_id
    and staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and stored.tenant_id = %(tenant_id)s
    and stored.order_id = staged.order_id
    and stored.last_change = staged.last_change
    and stored.fetched_at = staged.fetched_at
    and stored.sync_run_id = %(sync_run_id)s;
