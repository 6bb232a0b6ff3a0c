-- inbox/note_expired.sql: time in which VTEX dropped changes before anybody drained them -> a gap
-- grain:       one checkpoint, none if the last drain is younger than the feed's retention
-- parameters:  tenant_id, now (VTEX's time), retention (seconds)
-- idempotent:  yes
insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id, error)
select
    tenant_id, 'feed', drained_at, %(now)s::timestamptz - make_interval(secs => %(retention)s), 'failed',
    'cdp_order_feed',
    'not drained for longer than VTEX keeps changes: the next incremental sync asks for those of this time'
from cdp.order_feeds
where
    tenant_id = %(tenant_id)s
    and drained_at < %(now)s::timestamptz - make_interval(secs => %(retention)s)
on conflict (tenant_id, sync_type, window_start, window_end) do nothing;
