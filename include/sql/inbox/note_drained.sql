-- inbox/note_drained.sql: a drain that reached the end of the queue -> cdp.order_feeds
-- grain:       one row per tenant
-- parameters:  tenant_id, drained_at (VTEX's time when it began; null if it did not reach the end), quantity,
--              oldest_seconds (both as it began)
-- idempotent:  yes, but for checked_at
update cdp.order_feeds
set
    state = 'active',
    reason = null,
    drained_at = greatest(drained_at, %(drained_at)s::timestamptz),
    quantity = %(quantity)s,
    oldest_seconds = %(oldest_seconds)s,
    checked_at = now()
where tenant_id = %(tenant_id)s;
