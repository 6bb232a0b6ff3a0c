-- orders/written_documents.sql: staging.orders -> which documents of a batch were written
-- grain:       one row per document
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there)
-- idempotent:  read only
select document_no
from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
