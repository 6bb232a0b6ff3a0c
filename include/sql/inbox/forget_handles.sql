-- inbox/forget_handles.sql: handles that are committed go
-- grain:       one row per handle
-- parameters:  tenant_id, handle_nos
-- idempotent:  yes
delete from staging.feed_handles
where tenant_id = %(tenant_id)s and handle_no = any(%(handle_nos)s);
