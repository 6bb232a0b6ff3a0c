-- integrity/count_findings.sql: staging.listings, cdp.order_events and cdp.integrity_findings -> cdp.integrity_checks
-- grain:       one row per (tenant_id, checked_at, day of creation in Argentina)
-- parameters:  tenant_id, batch_id (a full refresh that was merged), window_start, window_end
-- idempotent:  yes, but for compared_at; after integrity/forget_check.sql in one transaction
with run as (

    select
        sync_runs.sync_run_id,
        sync_runs.started_at as checked_at,
        tenants.last_sync_at,
        -- Where the list does not say when an order changed, syncs know of a change a day later at the latest.
        case
            when lists.rows_with_last_change in ('some', 'none') then interval '24 hours'
            else interval '15 minutes'
        end as change_takes
    from cdp.sync_runs
    inner join cdp.tenants using (tenant_id)
    left join cdp.order_lists as lists using (tenant_id)
    where sync_runs.tenant_id = %(tenant_id)s and sync_runs.batch_id = %(batch_id)s

),

listed as (

    select order_id, created_at, covered
    from staging.listings
    where
        tenant_id = %(tenant_id)s and batch_id = %(batch_id)s
        and created_at >= %(window_start)s and created_at < %(window_end)s

),

stored as (

    select order_id, order_date
    from cdp.order_events
    where tenant_id = %(tenant_id)s and order_date >= %(window_start)s and order_date < %(window_end)s

),

compared as (

    select
        (coalesce(stored.order_date, listed.created_at) at time zone cdp.local_time_zone())::date as day,
        count(listed.order_id) as listed,
        count(listed.order_id) filter (where stored.order_id is not null) as stored,
        count(listed.order_id) filter (where stored.order_id is null) as rejected
    from stored
    full join listed using (order_id)
    group by day

),

found as (

    select
        finding.day,
        finding.order_id,
        array_agg(finding.kind) as kinds,
        bool_or(finding.kind not in ('missing', 'stale', 'vanished', 'rejected')) as is_wrong,
        bool_or(not finding.is_healed and finding.kind <> 'vanished') as is_unhealed,
        sum(finding.off_by) as off_by
    from cdp.integrity_findings as finding
    inner join run using (checked_at)
    where finding.tenant_id = %(tenant_id)s
    group by finding.day, finding.order_id

),

tallied as (

    select
        found.day,
        count(*) filter (where 'missing' = any(found.kinds)) as missing,
        count(*) filter (where 'stale' = any(found.kinds)) as stale,
        count(*) filter (where found.is_wrong) as wrong,
        count(*) filter (where 'status' = any(found.kinds)) as wrong_status,
        count(*) filter (where 'money' = any(found.kinds)) as wrong_money,
        count(*) filter (where 'dates' = any(found.kinds)) as wrong_dates,
        count(*) filter (where 'items' = any(found.kinds)) as wrong_items,
        count(*) filter (where 'customer' = any(found.kinds)) as wrong_customer,
        count(*) filter (where 'lines' = any(found.kinds)) as wrong_lines,
        count(*) filter (where 'version' = any(found.kinds)) as wrong_version,
        count(*) filter (where 'document' = any(found.kinds)) as wrong_document,
        count(*) filter (where 'other' = any(found.kinds)) as wrong_other,
        count(*) filter (where found.is_unhealed) as unhealed,
        count(*) filter (
            where
            found.is_wrong
            -- What was created and changed before the last sync asked is what that sync should have brought.
            or (
                ('missing' = any(found.kinds) or 'stale' = any(found.kinds))
                and listed.covered and orders.last_change < run.last_sync_at
                - case when 'missing' = any(found.kinds) then interval '15 minutes' else run.change_takes end
            )
        ) as drifted,
        count(*) filter (where 'vanished' = any(found.kinds)) as vanished,
        sum(found.off_by) as value_drift
    from found
    cross join run
    left join listed on found.order_id = listed.order_id
    left join cdp.order_events as orders
        on orders.tenant_id = %(tenant_id)s and found.order_id = orders.order_id
    group by found.day

)

insert into cdp.integrity_checks (
    tenant_id, checked_at, day, sync_run_id, compared_at, listed, stored, rejected, missing, stale, wrong,
    wrong_status, wrong_money, wrong_dates, wrong_items, wrong_customer, wrong_lines, wrong_version, wrong_document,
    wrong_other, unhealed, drifted, vanished, value_drift
)
select
    %(tenant_id)s, run.checked_at, day, run.sync_run_id, now(), compared.listed, compared.stored,
    coalesce(compared.rejected, 0), coalesce(tallied.missing, 0), coalesce(tallied.stale, 0),
    coalesce(tallied.wrong, 0), coalesce(tallied.wrong_status, 0), coalesce(tallied.wrong_money, 0),
    coalesce(tallied.wrong_dates, 0), coalesce(tallied.wrong_items, 0), coalesce(tallied.wrong_customer, 0),
    coalesce(tallied.wrong_lines, 0), coalesce(tallied.wrong_version, 0), coalesce(tallied.wrong_document, 0),
    coalesce(tallied.wrong_other, 0), coalesce(tallied.unhealed, 0), coalesce(tallied.drifted, 0),
    coalesce(tallied.vanished, 0), coalesce(tallied.value_drift, 0)
from compared
full join tallied using (day)
cross join run;
