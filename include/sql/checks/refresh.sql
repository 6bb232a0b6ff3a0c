-- checks/refresh.sql: cdp.integrity_checks -> what must hold for what a full refresh found
-- grain:       one row per check: its name, how many orders violate it, a query that shows the days
-- parameters:  tenant_id, batch_id, drift_percent (of the listed orders, that earlier syncs may have missed)
-- idempotent:  read only
with found as (

    select
        run.started_at as checked_at,
        coalesce(sum(checked.listed), 0) as listed,
        coalesce(sum(checked.drifted), 0) as drifted,
        count(*) filter (where checked.listed <> checked.stored + checked.unhealed) as unequal_days
    from cdp.sync_runs as run
    left join cdp.integrity_checks as checked
        on
            run.tenant_id = checked.tenant_id and run.sync_run_id = checked.sync_run_id
            and run.started_at = checked.checked_at
    where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s
    group by run.started_at

)

select
    verdict.name,
    verdict.violations,
    format(
        'select * from cdp.integrity_checks where tenant_id = %%s and checked_at = %%L',
        %(tenant_id)s::integer, found.checked_at
    ) as look
from found
cross join lateral (
    values
    -- After healing: earlier syncs missed something, it is not missing now.
    (
        'orders that earlier syncs should have brought, more than the run allows',
        case when found.drifted > %(drift_percent)s::numeric / 100 * found.listed then found.drifted else 0 end
    ),
    ('days whose listed orders are not all stored or rejected', found.unequal_days)
) as verdict (name, violations);
