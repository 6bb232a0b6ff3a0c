-- inbox/forget_expired_handles.sql: handles VTEX takes no more go; their items come again
-- grain:       one row per handle
-- parameters:  tenant_id, visibility (seconds)
-- idempotent:  yes
delete from staging.feed_handles
where tenant_id = %(tenant_id)s and received_at < now() - make_interval(secs => %(visibility)s);
