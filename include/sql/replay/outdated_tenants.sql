-- replay/outdated_tenants.sql: cdp.order_events -> tenants with orders that an older typing made
-- grain:       one row per tenant
-- parameters:  typing_version
-- idempotent:  read only
select tenants.slug
from cdp.tenants
where
    tenants.is_active
    and exists (
        select from cdp.order_events as orders
        where orders.tenant_id = tenants.tenant_id and orders.typing_version < %(typing_version)s
    )
order by tenants.slug;
