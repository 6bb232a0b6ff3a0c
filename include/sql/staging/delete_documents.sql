-- staging/delete_documents.sql: forget documents of a staged batch
-- grain:       one document; its lines are written with no document, so they may stay
-- parameters:  tenant_id, batch_id, document_nos
-- idempotent:  yes
delete from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and document_no = any(%(document_nos)s);
