-- checks/refresh.sql: cdp.integrity_checks and staging.listings -> what must hold for what a full refresh found
-- grain:       one row per check: its name, how many orders violate it, a query that shows the days
-- parameters:  tenant_id, batch_id, drift_percent (of the listed orders, that earlier syncs may have missed)
-- idempotent:  read only
with found as (

    select
        run.started_at as checked_at,
        coalesce(sum(checked.listed), 0) as listed,
        coalesce(sum(checked.drifted), 0) as drifted
    from cdp.sync_runs as run
    left join cdp.integrity_checks as checked
        on
            run.tenant_id = checked.tenant_id and run.sync_run_id = checked.sync_run_id
            and run.started_at = checked.checked_at
    where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s
    group by run.started_at

),

lost as (

    select count(*) as orders
    from cdp.sync_runs as run
    inner join staging.listings as listed
        on run.tenant_id = listed.tenant_id and run.batch_id = listed.batch_id
    where
        run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s
        and listed.created_at >= run.window_start and listed.created_at < run.window_end
        and not exists (
            select from cdp.order_events as stored
            where stored.tenant_id = %(tenant_id)s and stored.order_id = listed.order_id
        )
        and not exists (
            select from cdp.rejected_orders as rejected
            where
                rejected.tenant_id = %(tenant_id)s and rejected.order_id = listed.order_id
                and rejected.resolved_at is null
        )

)

select
    verdict.name,
    verdict.violations,
    format(
        'select * from cdp.integrity_checks where tenant_id = %%s and checked_at = %%L',
        %(tenant_id)s::integer, found.checked_at
    ) as look
from found
cross join lost
cross join lateral (
    values
    -- After healing: something was wrong, it is right now.
    (
        'orders that were wrong, or that earlier syncs should have brought, more than the run allows',
        case when found.drifted > %(drift_percent)s::numeric / 100 * found.listed then found.drifted else 0 end
    ),
    ('listed orders that are neither stored nor rejected', lost.orders)
) as verdict (name, violations);
