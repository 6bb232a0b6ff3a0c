-- runs/close_run.sql: a run that ended without saying so -> cdp.sync_runs and its checkpoint, failed
-- grain:       one row per (tenant_id, batch_id), none if it does not say it is running
-- parameters:  tenant_id, batch_id, error
-- idempotent:  yes; a cleared run begins its row again, see runs/begin_run.sql
with checkpoint as (

    update cdp.sync_checkpoints
    set
        status = 'failed',
        error = %(error)s
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and status = 'running'

)

update cdp.sync_runs
set
    status = 'failed',
    error = %(error)s,
    finished_at = now()
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and status = 'running';
