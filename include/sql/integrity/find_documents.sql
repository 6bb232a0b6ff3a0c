-- integrity/find_documents.sql: cdp.order_payloads and cdp.rejected_orders -> cdp.integrity_findings
-- grain:       one row per order stored without a document, whatever its age, or with one this run could not type
-- parameters:  tenant_id, batch_id (a replay that has rejected what it could not type)
-- idempotent:  yes, but for found_at; what is open already stays as it is
insert into cdp.integrity_findings (tenant_id, order_id, kind, day, columns, is_healed)
select
    %(tenant_id)s, orders.order_id, 'document', (orders.order_date at time zone cdp.local_time_zone())::date,
    array['order_payloads.' || case when payload.order_id is null then 'missing' else 'document' end], false
from cdp.order_events as orders
left join cdp.order_payloads as payload
    on orders.tenant_id = payload.tenant_id and orders.order_id = payload.order_id
left join cdp.rejected_orders as rejected
    on
        orders.tenant_id = rejected.tenant_id
        and orders.order_id = rejected.order_id
        and rejected.batch_id = %(batch_id)s
        and rejected.resolved_at is null
where
    orders.tenant_id = %(tenant_id)s
    and (payload.order_id is null or rejected.order_id is not null)
on conflict on constraint integrity_findings_once do nothing;
