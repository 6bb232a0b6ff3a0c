-- staging/count_batch.sql: staging.orders -> how many documents of a batch are staged
-- grain:       one row
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
select count(*) as documents
from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
