-- staging/keep_documents.sql: forget all but some documents of a staged batch
-- grain:       all documents of one (tenant_id, batch_id) but those numbered from first_no to before after_no; lines
--              are written with no document, so they may stay
-- parameters:  tenant_id, batch_id, first_no, after_no
-- idempotent:  yes
delete from staging.orders
where
    tenant_id = %(tenant_id)s
    and batch_id = %(batch_id)s
    and (document_no < %(first_no)s or document_no >= %(after_no)s);
