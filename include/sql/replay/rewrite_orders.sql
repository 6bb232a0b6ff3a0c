-- replay/rewrite_orders.sql: staging.orders -> cdp.order_events, as the stored documents say
-- grain:       one row per (tenant_id, order_id)
-- parameters:  tenant_id, batch_id, sync_run_id; lists of columns: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes, but for synced_at
update cdp.order_events as target
set
    (sync_run_id, synced_at, {columns})
    = (%(sync_run_id)s, now(), {staged})
from staging.orders as batch
where
    target.tenant_id = %(tenant_id)s
    and batch.tenant_id = %(tenant_id)s
    and batch.batch_id = %(batch_id)s
    and target.order_id = batch.order_id;
