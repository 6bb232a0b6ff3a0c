-- staging/delete_documents.sql: forget documents of a staged batch
-- grain:       one document with its lines
-- parameters:  tenant_id, batch_id, document_nos
-- idempotent:  yes
with lines as (

    delete from staging.order_items
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and document_no = any(%(document_nos)s)

)

delete from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and document_no = any(%(document_nos)s);
