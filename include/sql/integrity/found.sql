-- integrity/found.sql: cdp.integrity_checks -> what one refresh found
-- grain:       one row; counted is the number of findings by the counts, evidence that of cdp.integrity_findings
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
select
    coalesce(sum(checked.listed), 0)::integer as listed,
    coalesce(sum(checked.stored), 0)::integer as stored,
    coalesce(sum(checked.rejected), 0)::integer as rejected,
    coalesce(sum(checked.missing), 0)::integer as missing,
    coalesce(sum(checked.stale), 0)::integer as stale,
    coalesce(sum(checked.wrong), 0)::integer as wrong,
    coalesce(sum(checked.unhealed), 0)::integer as unhealed,
    coalesce(sum(checked.drifted), 0)::integer as drifted,
    coalesce(sum(checked.vanished), 0)::integer as vanished,
    coalesce(sum(checked.value_drift), 0)::text as value_drift,
    coalesce(
        sum(
            checked.rejected + checked.missing + checked.stale + checked.wrong_status + checked.wrong_money
            + checked.wrong_dates + checked.wrong_items + checked.wrong_customer + checked.wrong_lines
            + checked.wrong_version + checked.wrong_document + checked.wrong_other + checked.vanished
        ),
        0
    )::integer as counted,
    (
        select count(*) from cdp.integrity_findings as finding
        where finding.tenant_id = %(tenant_id)s and finding.checked_at = max(run.started_at)
    )::integer as evidence
from cdp.sync_runs as run
left join cdp.integrity_checks as checked
    on
        run.tenant_id = checked.tenant_id and run.sync_run_id = checked.sync_run_id
        and run.started_at = checked.checked_at
where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s;
