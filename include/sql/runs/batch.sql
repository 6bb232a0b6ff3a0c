-- runs/batch.sql: cdp.sync_runs and staging.orders -> where a batch stands
-- grain:       one row
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
select
    run.sync_run_id,
    run.status,
    run.staged + run.rejected as documents,
    run.rejected,
    run.inserted,
    run.updated,
    run.unchanged,
    run.superseded,
    (
        select count(*) from staging.orders as staged
        where staged.tenant_id = run.tenant_id and staged.batch_id = run.batch_id
    ) as waiting
from cdp.sync_runs as run
where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s;
