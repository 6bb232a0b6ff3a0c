-- inbox/store_notifications.sql: what the hook reported -> cdp.order_notifications
-- grain:       one row per (tenant_id, order_id, changed_at, state)
-- parameters:  tenant_ids, order_ids, changed, states, last_states, last_changed, domains (arrays of equal length; the
--              endpoint has made sure that each row's tenant_id is its sender's, and sorted them by their key)
-- idempotent:  yes; the first to report it stays
insert into cdp.order_notifications (
    tenant_id, order_id, changed_at, state, last_state, last_changed_at, domain, source
)
select tenant_id, order_id, changed_at, state, last_state, last_changed_at, domain, 'hook'
from unnest(
    %(tenant_ids)s::integer[], %(order_ids)s::text[], %(changed)s::timestamptz[], %(states)s::text[],
    %(last_states)s::text[], %(last_changed)s::timestamptz[], %(domains)s::text[]
) as item (tenant_id, order_id, changed_at, state, last_state, last_changed_at, domain)
on conflict (tenant_id, order_id, changed_at, state) do nothing;
