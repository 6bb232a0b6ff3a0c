-- gaps/close_feed_gaps.sql: an incremental sync has asked for what the feed did not report
-- grain:       one checkpoint per gap
-- parameters:  tenant_id, changed_from (since when it asked), window_end (up to when)
-- idempotent:  yes; not set to completed, which would say that orders created then were synced
delete from cdp.sync_checkpoints
where
    tenant_id = %(tenant_id)s
    and sync_type = 'feed'
    and window_start >= %(changed_from)s
    and window_end <= %(window_end)s;
