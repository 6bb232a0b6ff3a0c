-- inbox/forget_processed.sql: notifications that no redelivery can bring again go
-- grain:       one row per notification
-- parameters:  tenant_id, retention (seconds VTEX keeps a change)
-- idempotent:  yes; the changes stay in cdp.order_status_changes
delete from cdp.order_notifications
where
    tenant_id = %(tenant_id)s
    and processed_at < now() - make_interval(secs => %(retention)s) - interval '1 day';
