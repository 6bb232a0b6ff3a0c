-- staging/delete_batch.sql: forget a staged batch
-- grain:       all documents and lines of one (tenant_id, batch_id)
-- parameters:  tenant_id, batch_id
-- idempotent:  yes
with lines as (

    delete from staging.order_items
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s

)

delete from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
