-- inbox/claim.sql: notifications that wait -> the orders of a batch
-- grain:       one row per order, with its latest change and whether its document is due
-- parameters:  tenant_id, batch_id, orders (at most so many), earliest, latest (bounds of a date)
-- idempotent:  yes; what an earlier batch took and never merged is taken again
with waiting as (

    select
        order_id,
        -- A moment no Python date holds would stop the claim of all others.
        least(greatest(max(changed_at), %(earliest)s), %(latest)s) as changed_at,
        min(received_at) as waits_since
    from cdp.order_notifications
    where tenant_id = %(tenant_id)s and processed_at is null
    group by order_id
    order by waits_since asc, order_id asc
    limit %(orders)s

),

taken as (

    update cdp.order_notifications as notification
    set batch_id = %(batch_id)s
    from waiting
    where
        notification.tenant_id = %(tenant_id)s
        and notification.order_id = waiting.order_id
        -- Written so that it leads to no index: where many wait and the statistics do not know yet, the planner would
        -- read all that wait once for each order.
        and coalesce(notification.processed_at, 'infinity') = 'infinity'

)

select
    waiting.order_id,
    waiting.changed_at,
    not coalesce(
        stored.last_change >= waiting.changed_at
        -- Read by another sync in the meantime; two seconds, because two of VTEX's clocks are compared.
        or fetched.fetched_at >= waiting.changed_at + interval '2 seconds',
        false
    ) as due
from waiting
left join cdp.order_events as stored
    on stored.tenant_id = %(tenant_id)s and waiting.order_id = stored.order_id
left join cdp.order_fetches as fetched
    on fetched.tenant_id = %(tenant_id)s and waiting.order_id = fetched.order_id
order by waiting.waits_since, waiting.order_id;
