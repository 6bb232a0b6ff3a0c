-- runs/skip_run.sql: a run that is not to be -> cdp.sync_runs, skipped
-- grain:       one row per (tenant_id, batch_id), none if there is no such tenant any more, or the run is completed
-- parameters:  tenant_id, batch_id, sync_type, reason
-- idempotent:  yes, but for finished_at
insert into cdp.sync_runs as run (tenant_id, batch_id, sync_type, status, error, finished_at)
select tenant_id, %(batch_id)s, %(sync_type)s, 'skipped', %(reason)s, now()
from cdp.tenants
where tenant_id = %(tenant_id)s
on conflict (tenant_id, batch_id) do update set
    (status, error, finished_at) = (excluded.status, excluded.error, excluded.finished_at)
where run.status <> 'completed';
