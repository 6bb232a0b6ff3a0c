-- inbox/late.sql: cdp.order_feeds -> feeds of which VTEX soon drops changes
-- grain:       one row per tenant
-- parameters:  as_of, share (of the time VTEX keeps a change, from which on it is late)
-- idempotent:  read only
select tenants.slug, feed.state, feed.reason
from cdp.order_feeds as feed
inner join cdp.tenants using (tenant_id)
where
    tenants.is_active
    and tenants.feed_enabled
    and case
        when feed.state = 'active' then feed.oldest_seconds
        -- Not drained: what came since lies there for as long.
        else extract(epoch from %(as_of)s - coalesce(feed.drained_at, feed.configured_at))
    end > %(share)s * (feed.configuration ->> 'retention')::integer
order by tenants.slug;
