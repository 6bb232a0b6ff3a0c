-- inbox/note_hook.sql: how a tenant's hook fares -> cdp.order_feeds
-- grain:       one row per tenant
-- parameters:  tenant_id, hook_state, hook_reason
-- idempotent:  yes
update cdp.order_feeds
set hook_state = %(hook_state)s, hook_reason = %(hook_reason)s
where tenant_id = %(tenant_id)s;
