-- integrity/refresh.sql: cdp.sync_runs and staging.listings -> the refresh to compare
-- grain:       one row
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
select
    run.sync_run_id,
    run.started_at::text as checked_at,
    run.window_start,
    run.window_end,
    run.listed,
    (
        select count(*) from staging.listings
        where listings.tenant_id = run.tenant_id and listings.batch_id = run.batch_id
    ) as recorded
from cdp.sync_runs as run
where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s;
