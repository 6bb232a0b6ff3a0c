-- runs/unfinished.sql: cdp.sync_runs and staging.* -> batches that say they are running, or have documents in staging
-- grain:       one row per (tenant_id, batch_id)
-- parameters:  none
-- idempotent:  read only
with batch as (

    select
        tenant_id,
        batch_id
    from cdp.sync_runs
    where status = 'running'
    union
    select
        tenant_id,
        batch_id
    from staging.orders

)

select
    tenant.tenant_id,
    tenant.slug,
    batch.batch_id
from cdp.tenants as tenant
inner join batch on tenant.tenant_id = batch.tenant_id
order by tenant.tenant_id, batch.batch_id;
