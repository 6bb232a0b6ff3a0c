-- intelligence/identity/clear.sql: staging.identity_* of a shop, emptied
-- grain:       all rows of the tenant
-- parameters:  tenant_id
-- idempotent:  yes
with orders as (

    delete from staging.identity_orders
    where tenant_id = %(tenant_id)s

),

blocked as (

    delete from staging.identity_blocked
    where tenant_id = %(tenant_id)s

),

customers as (

    delete from staging.identity_customers
    where tenant_id = %(tenant_id)s

),

edges as (

    delete from staging.identity_edges
    where tenant_id = %(tenant_id)s

),

nodes as (

    delete from staging.identity_nodes
    where tenant_id = %(tenant_id)s

),

components as (

    delete from staging.identity_components
    where tenant_id = %(tenant_id)s

)

delete from staging.identity_members
where tenant_id = %(tenant_id)s;
