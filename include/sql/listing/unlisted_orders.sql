-- listing/unlisted_orders.sql: orders stored and not listed -> those to read
-- grain:       one row per order
-- parameters:  tenant_id, batch_id (cdp.sync_runs, staging.listings), window_start, window_end, as_of
-- idempotent:  read only
with due as (

    select order_id
    from cdp.order_events
    where
        tenant_id = %(tenant_id)s
        and order_date >= %(window_start)s
        -- The list is late: what is this young may be there and not be shown yet.
        and order_date < %(window_end)s::timestamptz - interval '1 hour'
    union
    -- Whatever their age, those found without their document; but VTEX serves none older than its memory.
    select finding.order_id
    from cdp.integrity_findings as finding
    inner join cdp.order_events as orders
        on orders.tenant_id = %(tenant_id)s and finding.order_id = orders.order_id
    where
        finding.tenant_id = %(tenant_id)s
        and finding.checked_at is null
        and not finding.is_healed
        and orders.order_date >= %(as_of)s::timestamptz - cdp.vtex_memory()

)

select due.order_id
from due
where
    not exists (
        select from staging.listings as listed
        where
            listed.tenant_id = %(tenant_id)s
            and listed.batch_id = %(batch_id)s
            and listed.order_id = due.order_id
    );
