-- orders/note_changes.sql: staging.orders -> cdp.order_changes
-- grain:       one row per order just written
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there), sync_run_id
-- idempotent:  yes, but for change_no
insert into cdp.order_changes as known (tenant_id, order_id, sync_run_id)
select staged.tenant_id, staged.order_id, %(sync_run_id)s
from staging.orders as staged
where staged.tenant_id = %(tenant_id)s and staged.batch_id = %(batch_id)s
on conflict (tenant_id, sync_run_id, order_id) do update set change_no = default;
