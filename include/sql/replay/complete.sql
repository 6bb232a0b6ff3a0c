-- replay/complete.sql: all orders of a replay are typed again
-- grain:       one row per (tenant_id, batch_id)
-- parameters:  tenant_id, batch_id
-- idempotent:  yes, but for completed_at
update cdp.replays
set completed_at = now()
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
