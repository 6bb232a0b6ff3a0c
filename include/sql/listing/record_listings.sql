-- listing/record_listings.sql: a page of the order list -> staging.listings
-- grain:       one row per (tenant_id, batch_id, order_id)
-- parameters:  tenant_id, batch_id, order_ids, created (arrays of equal length; null where the list shows no
--              date)
-- idempotent:  yes; whether an order's time was covered when it was first listed counts
insert into staging.listings (tenant_id, batch_id, order_id, created_at, covered)
select
    %(tenant_id)s, %(batch_id)s, listed.order_id, coalesce(listed.created_at, stored.order_date),
    coalesce(coverage.covered @> coalesce(listed.created_at, stored.order_date), false)
from unnest(%(order_ids)s::text[], %(created)s::timestamptz[]) as listed (order_id, created_at)
left join cdp.sync_coverage as coverage
    on coverage.tenant_id = %(tenant_id)s
left join cdp.order_events as stored
    on stored.tenant_id = %(tenant_id)s and listed.order_id = stored.order_id
where coalesce(listed.created_at, stored.order_date) is not null
on conflict (tenant_id, batch_id, order_id) do nothing;
