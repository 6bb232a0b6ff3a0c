-- runs/complete_checkpoint.sql: the window is complete
-- grain:       one row per (tenant_id, sync_type, window_start, window_end)
-- parameters:  tenant_id, sync_type, window_start, window_end, batch_id, landing_uri, listed, fetched, rejected
-- idempotent:  yes; completed_at is the first time
insert into cdp.sync_checkpoints as checkpoint (
    tenant_id, sync_type, window_start, window_end, status, batch_id, landing_uri, listed, fetched, rejected,
    completed_at
)
values (
    %(tenant_id)s, %(sync_type)s, %(window_start)s, %(window_end)s, 'completed', %(batch_id)s, %(landing_uri)s,
    %(listed)s, %(fetched)s, %(rejected)s, now()
)
on conflict (tenant_id, sync_type, window_start, window_end) do update set
    status = 'completed',
    batch_id = excluded.batch_id,
    landing_uri = excluded.landing_uri,
    listed = excluded.listed,
    fetched = excluded.fetched,
    rejected = excluded.rejected,
    error = null,
    completed_at = coalesce(checkpoint.completed_at, now());
