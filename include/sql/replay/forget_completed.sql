-- replay/forget_completed.sql: a replay that was completed begins anew
-- grain:       one row per (tenant_id, batch_id)
-- parameters:  tenant_id, batch_id
-- idempotent:  yes
delete from cdp.replays
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and completed_at is not null;
