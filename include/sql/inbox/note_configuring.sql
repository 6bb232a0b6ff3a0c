-- inbox/note_configuring.sql: a feed that is about to be configured -> cdp.order_feeds
-- grain:       one row per tenant
-- parameters:  tenant_id, key_hash, configuration
-- idempotent:  yes, but for checked_at; drained_at stays: what came after it was not reported
insert into cdp.order_feeds as feed (tenant_id, state, reason, key_hash, configuration)
values (%(tenant_id)s, 'failed', 'the feed is being configured', %(key_hash)s, %(configuration)s::jsonb)
on conflict (tenant_id) do update set
    state = excluded.state,
    reason = excluded.reason,
    key_hash = excluded.key_hash,
    configuration = excluded.configuration,
    drained_at = coalesce(feed.drained_at, feed.configured_at),
    configured_at = null,
    checked_at = now();
