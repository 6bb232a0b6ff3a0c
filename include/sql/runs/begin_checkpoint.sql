-- runs/begin_checkpoint.sql: a window -> cdp.sync_checkpoints, begun
-- grain:       one row per (tenant_id, sync_type, window_start, window_end); answers where its documents land, and
--              whether the window is complete
-- parameters:  tenant_id, sync_type, window_start, window_end, batch_id, landing_uri, force (begin anew)
-- idempotent:  yes, but for attempts and started_at; a completed window stays completed while it is run again, and one
--              begun and not completed keeps its landing
insert into cdp.sync_checkpoints as checkpoint (
    tenant_id, sync_type, window_start, window_end, status, batch_id, landing_uri
)
values (
    %(tenant_id)s, %(sync_type)s, %(window_start)s, %(window_end)s, 'running', %(batch_id)s, %(landing_uri)s
)
on conflict (tenant_id, sync_type, window_start, window_end) do update set
    status = case when checkpoint.status = 'completed' then 'completed' else 'running' end,
    attempts = checkpoint.attempts + 1,
    batch_id = excluded.batch_id,
    landing_uri = case
        when checkpoint.status in ('running', 'failed') and not %(force)s
            then coalesce(checkpoint.landing_uri, excluded.landing_uri)
        else excluded.landing_uri
    end,
    error = null,
    started_at = now()
returning landing_uri, status = 'completed' as completed;
