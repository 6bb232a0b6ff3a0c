-- differences/payloads.sql: documents just read and cdp.order_payloads -> staging.order_differences
-- grain:       one row per document whose order is stored with another, or with none
-- parameters:  tenant_id, batch_id, document_nos, digests (SHA-256 of each; arrays of equal length)
-- idempotent:  yes
insert into staging.order_differences (tenant_id, batch_id, document_no, relation, columns)
select
    %(tenant_id)s, %(batch_id)s, document.document_no, 'order_payloads',
    array[case when payload.order_id is null then 'missing' else 'document' end]
from unnest(%(document_nos)s::integer[], %(digests)s::bytea[]) as read (document_no, digest)
inner join staging.orders as document
    on
        document.tenant_id = %(tenant_id)s
        and document.batch_id = %(batch_id)s
        and read.document_no = document.document_no
inner join cdp.order_events as orders
    on orders.tenant_id = %(tenant_id)s and document.order_id = orders.order_id
left join cdp.order_payloads as payload
    on payload.tenant_id = %(tenant_id)s and document.order_id = payload.order_id
where read.digest is distinct from sha256(convert_to(payload.document::text, 'UTF8'))
on conflict do nothing;
