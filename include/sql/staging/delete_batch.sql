-- staging/delete_batch.sql: forget the documents of a staged batch
-- grain:       all documents of one (tenant_id, batch_id); their lines: staging/delete_lines.sql
-- parameters:  tenant_id, batch_id
-- idempotent:  yes
with differences as (

    delete from staging.order_differences
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s

)

delete from staging.orders
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
