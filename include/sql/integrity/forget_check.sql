-- integrity/forget_check.sql: a comparison that is made again
-- grain:       one row per (tenant_id, checked_at, day)
-- parameters:  tenant_id, batch_id
-- idempotent:  yes; integrity/count_findings.sql counts anew in the same transaction
delete from cdp.integrity_checks as checked
using cdp.sync_runs as run
where
    run.tenant_id = %(tenant_id)s
    and run.batch_id = %(batch_id)s
    and checked.tenant_id = %(tenant_id)s
    and checked.checked_at = run.started_at;
