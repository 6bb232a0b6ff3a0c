-- integrity/findings.sql: cdp.integrity_checks -> what one refresh found
-- grain:       one row
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
select
    coalesce(sum(checked.listed), 0)::integer as listed,
    coalesce(sum(checked.stored), 0)::integer as stored,
    coalesce(sum(checked.unhealed), 0)::integer as unhealed,
    coalesce(sum(checked.missing_healed), 0)::integer as missing_healed,
    coalesce(sum(checked.stale_healed), 0)::integer as stale_healed,
    coalesce(sum(checked.drifted), 0)::integer as drifted,
    coalesce(sum(checked.vanished), 0)::integer as vanished,
    coalesce(sum(checked.value_drift), 0)::text as value_drift
from cdp.sync_runs as run
left join cdp.integrity_checks as checked
    on
        run.tenant_id = checked.tenant_id and run.sync_run_id = checked.sync_run_id
        and run.started_at = checked.checked_at
where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s;
