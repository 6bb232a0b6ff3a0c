-- runs/fail_run.sql: a failed attempt -> cdp.sync_runs and its checkpoint
-- grain:       one row per (tenant_id, batch_id)
-- parameters:  tenant_id, batch_id, error
-- idempotent:  yes, but for finished_at; what was completed before stays so: its orders are merged, whatever failed
--              after that
with failed as (

    update cdp.sync_runs
    set
        status = case when status = 'completed' then 'completed' else 'failed' end,
        error = %(error)s,
        finished_at = now()
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s

)

update cdp.sync_checkpoints
set
    status = case when status = 'completed' then 'completed' else 'failed' end,
    error = %(error)s
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
