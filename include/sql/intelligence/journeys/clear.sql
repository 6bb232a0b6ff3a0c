-- intelligence/journeys/clear.sql: staging.journey_* of a shop, emptied
-- grain:       all rows of the tenant
-- parameters:  tenant_id
-- idempotent:  yes
with customers as (

    delete from staging.journey_customers
    where tenant_id = %(tenant_id)s

)

delete from staging.journey_events
where tenant_id = %(tenant_id)s;
