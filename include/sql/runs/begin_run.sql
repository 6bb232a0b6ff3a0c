-- runs/begin_run.sql: a run -> cdp.sync_runs, running
-- grain:       one row per (tenant_id, batch_id)
-- parameters:  tenant_id, batch_id, sync_type, window_start, window_end
-- idempotent:  yes, but for started_at; a retry or a cleared run begins its own row again
insert into cdp.sync_runs as run (
    tenant_id, batch_id, sync_type, window_start, window_end, status
)
values (
    %(tenant_id)s, %(batch_id)s, %(sync_type)s, %(window_start)s, %(window_end)s, 'running'
)
on conflict (tenant_id, batch_id) do update set
    window_start = excluded.window_start,
    window_end = excluded.window_end,
    status = 'running',
    error = null,
    started_at = now(),
    finished_at = null
returning sync_run_id;
