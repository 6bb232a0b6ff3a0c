-- orders/resolve_rejected.sql: a good document came for an order rejected before
-- grain:       one row per (tenant_id, order_id)
-- parameters:  tenant_id, batch_id
-- idempotent:  yes
update cdp.rejected_orders as rejected
set resolved_at = now()
from staging.orders as staged
where
    rejected.tenant_id = %(tenant_id)s
    and rejected.resolved_at is null
    and staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and staged.order_id = rejected.order_id;
