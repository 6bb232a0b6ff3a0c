-- replay/next_documents.sql: cdp.order_events and cdp.order_payloads -> the next orders to type again
-- grain:       one row per order, the oldest first; document is null if none is stored
-- parameters:  tenant_id, orders_from, orders_to (creation; null: no bound), after_date, after_id (the last before
--              these; null: none), older_than (a typing version: only orders of older ones; null: all), orders (most)
-- idempotent:  read only
select
    orders.order_id,
    orders.order_date,
    orders.fetched_at,
    orders.synced_at,
    convert_to(payload.document::text, 'UTF8') as document
from cdp.order_events as orders
left join cdp.order_payloads as payload
    on orders.tenant_id = payload.tenant_id and orders.order_id = payload.order_id
where
    orders.tenant_id = %(tenant_id)s
    and orders.order_date >= coalesce(%(orders_from)s, '-infinity'::timestamptz)
    and orders.order_date < coalesce(%(orders_to)s, 'infinity'::timestamptz)
    and (orders.order_date, orders.order_id)
    > (coalesce(%(after_date)s, '-infinity'::timestamptz), coalesce(%(after_id)s, ''))
    and orders.typing_version < coalesce(%(older_than)s, 2147483647)
order by orders.order_date, orders.order_id
limit %(orders)s;
