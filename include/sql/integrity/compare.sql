-- integrity/compare.sql: staging.listings and cdp.order_events -> cdp.integrity_checks, and vanished_at of orders
-- grain:       one row per (tenant_id, checked_at, day of creation in Argentina)
-- parameters:  tenant_id, batch_id (a full refresh that was merged), window_start, window_end
-- idempotent:  yes; compared again before the next refresh, it finds the same
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

    select *
    from staging.listings
    where
        tenant_id = %(tenant_id)s and batch_id = %(batch_id)s
        and created_at >= %(window_start)s and created_at < %(window_end)s

),

stored as (

    select
        order_id,
        order_date,
        total,
        last_change,
        vanished_at,
        sync_run_id
    from cdp.order_events
    where tenant_id = %(tenant_id)s and order_date >= %(window_start)s and order_date < %(window_end)s

),

compared as (

    select
        (coalesce(stored.order_date, listed.created_at) at time zone cdp.local_time_zone())::date as day,
        listed.order_id is not null as is_listed,
        stored.order_id is not null as is_stored,
        stored.sync_run_id = run.sync_run_id
        and listed.order_id is not null and listed.stored_last_change is null as was_missing,
        stored.sync_run_id = run.sync_run_id
        and (listed.order_id is null or listed.stored_last_change is not null) as was_stale,
        -- What was created and changed before the last sync asked is what that sync should have brought.
        listed.covered and stored.last_change < run.last_sync_at
        - case when listed.stored_last_change is null then interval '15 minutes' else run.change_takes end as was_due,
        listed.order_id is null and stored.order_date < %(window_end)s::timestamptz - interval '1 hour'
        and (stored.vanished_at is null or stored.vanished_at = run.checked_at) as is_vanished,
        abs(stored.total - coalesce(listed.stored_total, 0)) as difference
    from stored
    full join listed using (order_id)
    cross join run

),

marked as (

    update cdp.order_events as orders
    set vanished_at = case when listed.order_id is null then run.checked_at end
    from stored
    cross join run
    left join listed on stored.order_id = listed.order_id
    where
        orders.tenant_id = %(tenant_id)s
        and orders.order_id = stored.order_id
        and (listed.order_id is null) <> (orders.vanished_at is not null)
        and (listed.order_id is not null or stored.order_date < %(window_end)s::timestamptz - interval '1 hour')

)

insert into cdp.integrity_checks as checked (
    tenant_id, checked_at, day, sync_run_id, listed, stored, unhealed, missing_healed, stale_healed, drifted,
    vanished, value_drift
)
select
    %(tenant_id)s,
    run.checked_at,
    compared.day,
    run.sync_run_id,
    count(*) filter (where compared.is_listed),
    count(*) filter (where compared.is_listed and compared.is_stored),
    count(*) filter (where compared.is_listed and not compared.is_stored),
    count(*) filter (where compared.was_missing),
    count(*) filter (where compared.was_stale),
    count(*) filter (where (compared.was_missing or compared.was_stale) and compared.was_due),
    count(*) filter (where compared.is_vanished),
    coalesce(sum(compared.difference) filter (where compared.was_missing or compared.was_stale), 0)
from compared
cross join run
group by compared.day, run.checked_at, run.sync_run_id
on conflict (tenant_id, checked_at, day) do update set
    listed = excluded.listed,
    stored = excluded.stored,
    unhealed = excluded.unhealed,
    missing_healed = excluded.missing_healed,
    stale_healed = excluded.stale_healed,
    drifted = excluded.drifted,
    vanished = excluded.vanished,
    value_drift = excluded.value_drift;
