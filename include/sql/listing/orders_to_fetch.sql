-- listing/orders_to_fetch.sql: a page of the order list -> the orders whose document must be read
-- grain:       one row per listed order that is not known to be unchanged; decision is fetch or uncovered
-- parameters:  tenant_id, window_start, window_end, as_of (the run's moment),
--              force (read everything of the window again),
--              recheck (read what is known to need another look),
--              unmasks (read what had a masked buyer a day ago: the account may show it now),
--              compares (read what the list contradicts, and what is not in a terminal state, whatever the list says),
--              sample_percent, sample_seed (read this share of the rest too),
--              order_ids, created, changed, hashes, statuses, totals (in cents) (arrays of equal length; changed or
--              hashes is null in each place, statuses and totals where the list shows none)
-- idempotent:  read only
with listed as (

    select *
    from unnest(
        %(order_ids)s::text[], %(created)s::timestamptz[], %(changed)s::timestamptz[], %(hashes)s::bigint[],
        %(statuses)s::text[], %(totals)s::float8[]
    ) as page (order_id, created_at, last_change, listing_hash, status, total_cents)

),

compared as (

    select
        listed.order_id,
        stored.order_id is not null as known,
        listed.created_at >= %(window_start)s::timestamptz
        and listed.created_at < %(window_end)s::timestamptz as in_window,
        coalesce(coverage.covered @> listed.created_at, false) as covered,
        rejected.order_id is not null as rejected,
        %(compares)s and cdp.is_open(stored.status) as is_open,
        %(recheck)s and coalesce(
            cdp.awaits_cancel_reason(
                stored.status, stored.cancel_reason, stored.last_change, fetched.fetched_at, %(as_of)s::timestamptz
            ),
            false
        ) as awaits_reason,
        %(unmasks)s
        and coalesce(stored.buyer_masked and fetched.fetched_at < %(as_of)s::timestamptz - interval '1 day', false)
            as to_unmask,
        (hashtextextended(listed.order_id, %(sample_seed)s::bigint) & 9223372036854775807) %% 10000
        < %(sample_percent)s * 100 as sampled,
        case
            -- The list shows seconds. Of two changes within one second we may have read the first only,
            -- unless we read the document after that second was over.
            when listed.last_change is not null
                then
                    date_trunc('second', stored.last_change) < date_trunc('second', listed.last_change)
                    or fetched.fetched_at < date_trunc('second', stored.last_change) + interval '2 seconds'
            else (fetched.listing_hash is distinct from listed.listing_hash)
        end as changed,
        -- Which of the two is right, only the document can say: the list may be late, or stale for good.
        %(compares)s and (
            listed.status <> coalesce(stored.status, '')
            -- The list's totals are single precision; cast to it, both are rounded alike.
            or listed.total_cents::real <> (stored.total * 100)::real
            or date_trunc('second', listed.last_change) < date_trunc('second', stored.last_change)
            or abs(extract(epoch from listed.created_at - stored.order_date)) >= 2
        ) as is_contradicted
    from listed
    left join cdp.sync_coverage as coverage
        on coverage.tenant_id = %(tenant_id)s
    left join cdp.order_events as stored
        on stored.tenant_id = %(tenant_id)s and listed.order_id = stored.order_id
    left join cdp.order_fetches as fetched
        on fetched.tenant_id = %(tenant_id)s and listed.order_id = fetched.order_id
    left join cdp.rejected_orders as rejected
        on
            rejected.tenant_id = %(tenant_id)s and listed.order_id = rejected.order_id
            and rejected.resolved_at is null

)

select
    order_id,
    -- An unknown order from before the window belongs to the historical sync, unless its time was synced already:
    -- then it came late (indexed late, completed late) and nobody else would fetch it.
    case when known or in_window or covered or rejected then 'fetch' else 'uncovered' end as decision
from compared
where
    not known
    or changed
    or is_contradicted
    or rejected
    or is_open
    or awaits_reason
    or to_unmask
    or sampled
    or (%(force)s and in_window);
