-- replay/still_current.sql: cdp.order_events -> which of the orders read are as they were then
-- grain:       one row per order: its place in the arrays, from 1
-- parameters:  tenant_id, order_ids, synced (when each was written as read; arrays of equal length)
-- idempotent:  read only
select page.place
from unnest(%(order_ids)s::text[], %(synced)s::timestamptz[]) with ordinality as page (order_id, synced_at, place)
inner join cdp.order_events as stored
    on
        stored.tenant_id = %(tenant_id)s
        and page.order_id = stored.order_id
        and page.synced_at = stored.synced_at;
