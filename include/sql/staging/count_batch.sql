-- staging/count_batch.sql: staging.orders -> how many documents of a batch are staged, and with a masked buyer
-- grain:       one row
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
select
    count(*) as documents,
    count(*) filter (where buyer_masked) as masked
from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
