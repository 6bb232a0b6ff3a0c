-- intelligence/identity/forget_customers.sql: customers without an order -> gone from cdp.customers
-- grain:       one row per customer
-- parameters:  tenant_id
-- idempotent:  yes
delete from cdp.customers as known
using staging.identity_customers as scope
where
    known.tenant_id = %(tenant_id)s
    and scope.tenant_id = %(tenant_id)s
    and known.customer_id = scope.customer_id
    and not exists (
        select from staging.identity_members as member
        where member.tenant_id = %(tenant_id)s and member.customer_id = known.customer_id
    );
