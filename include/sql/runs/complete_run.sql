-- runs/complete_run.sql: the run is complete
-- grain:       one row per (tenant_id, batch_id)
-- parameters:  tenant_id, batch_id, and every count of cdp.sync_runs
-- idempotent:  yes, but for seconds and finished_at
update cdp.sync_runs
set
    status = 'completed',
    listed = %(listed)s,
    skipped = %(skipped)s,
    fetched = %(fetched)s,
    failed = %(failed)s,
    staged = %(staged)s,
    rejected = %(rejected)s,
    inserted = %(inserted)s,
    updated = %(updated)s,
    unchanged = %(unchanged)s,
    superseded = %(superseded)s,
    requests = %(requests)s,
    throttled = %(throttled)s,
    seconds = extract(epoch from clock_timestamp() - started_at),
    error = null,
    finished_at = clock_timestamp()
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
