-- inbox/note_state.sql: how a tenant's feed fares -> cdp.order_feeds
-- grain:       one row per tenant
-- parameters:  tenant_id, state, reason
-- idempotent:  yes, but for checked_at
insert into cdp.order_feeds as feed (tenant_id, state, reason)
values (%(tenant_id)s, %(state)s, %(reason)s)
on conflict (tenant_id) do update set
    state = excluded.state,
    reason = excluded.reason,
    checked_at = now();
