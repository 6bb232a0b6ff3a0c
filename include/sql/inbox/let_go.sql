-- inbox/let_go.sql: notifications of orders VTEX could not serve leave their batch, so that they go on waiting
-- grain:       one row per notification
-- parameters:  tenant_id, batch_id, order_ids
-- idempotent:  yes
update cdp.order_notifications
set batch_id = null
where
    tenant_id = %(tenant_id)s
    and batch_id = %(batch_id)s
    and processed_at is null
    and order_id = any(%(order_ids)s);
