-- replay/keep_differing.sql: forget the documents of a batch that are stored as typed
-- grain:       one row per document
-- parameters:  tenant_id, batch_id
-- idempotent:  yes
delete from staging.orders as document
where
    document.tenant_id = %(tenant_id)s
    and document.batch_id = %(batch_id)s
    and not exists (
        select from staging.order_differences as difference
        where
            difference.tenant_id = document.tenant_id
            and difference.batch_id = document.batch_id
            and difference.document_no = document.document_no
    );
