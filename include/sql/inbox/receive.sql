-- inbox/receive.sql: items of the feed -> cdp.order_notifications, and their handles -> staging.feed_handles
-- grain:       one notification per (tenant_id, order_id, changed_at, state), one handle per item; answers how many
--              changes are new
-- parameters:  tenant_id, order_ids, changed, states, last_states, last_changed, domains, handles (arrays of equal
--              length)
-- idempotent:  yes, but for staging.feed_handles; a handle is another one each time
with received as (

    select *
    from unnest(
        %(order_ids)s::text[], %(changed)s::timestamptz[], %(states)s::text[], %(last_states)s::text[],
        %(last_changed)s::timestamptz[], %(domains)s::text[], %(handles)s::text[]
    ) as item (order_id, changed_at, state, last_state, last_changed_at, domain, handle)

),

handles as (

    insert into staging.feed_handles (tenant_id, order_id, changed_at, state, handle)
    select %(tenant_id)s, order_id, changed_at, state, handle
    from received

),

new as (

    insert into cdp.order_notifications (
        tenant_id, order_id, changed_at, state, last_state, last_changed_at, domain, source
    )
    select %(tenant_id)s, order_id, changed_at, state, last_state, last_changed_at, domain, 'feed'
    from received
    -- In one order everywhere: the hook may be writing the same changes.
    order by order_id, changed_at, state
    on conflict (tenant_id, order_id, changed_at, state) do nothing
    returning order_id

)

select count(*)::integer as new
from new;
