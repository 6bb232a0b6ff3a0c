-- orders/merge_order_fetches.sql: staging.orders -> cdp.order_fetches
-- grain:       one row per (tenant_id, order_id), for every document read, changed or not
-- parameters:  tenant_id, batch_id
-- idempotent:  yes; the latest read wins
insert into cdp.order_fetches as target (tenant_id, order_id, fetched_at, listing_hash)
select distinct on (order_id) tenant_id, order_id, fetched_at, listing_hash
from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s
order by order_id asc, fetched_at desc, document_no desc
on conflict (tenant_id, order_id) do update set
    fetched_at = excluded.fetched_at,
    listing_hash = coalesce(excluded.listing_hash, target.listing_hash)
where target.fetched_at <= excluded.fetched_at;
