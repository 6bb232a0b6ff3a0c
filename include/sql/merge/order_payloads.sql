-- merge/order_payloads.sql: staging.orders -> cdp.order_payloads
-- grain:       one row per (tenant_id, order_id)
-- parameters:  tenant_id, batch_id (what merge/orders.sql left there)
-- idempotent:  yes; the same document is written again
insert into cdp.order_payloads (tenant_id, order_id, document)
select tenant_id, order_id, payload
from staging.orders
where
    tenant_id = %(tenant_id)s
    and batch_id = %(batch_id)s
order by order_id
on conflict (tenant_id, order_id) do update set document = excluded.document;
