-- inbox/release.sql: notifications that an earlier attempt of a batch took wait again
-- grain:       one row per notification
-- parameters:  tenant_id, batch_id
-- idempotent:  yes; what the attempt does not take again must not be marked processed by its merge
update cdp.order_notifications
set batch_id = null
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and processed_at is null;
