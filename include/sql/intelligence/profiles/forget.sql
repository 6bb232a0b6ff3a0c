-- intelligence/profiles/forget.sql: profiles of customers that are no more
-- grain:       one row per touched customer
-- parameters:  tenant_id
-- idempotent:  yes
delete from cdp.customer_profiles as known
using cdp.customers_touched as touched
where
    known.tenant_id = %(tenant_id)s
    and touched.tenant_id = %(tenant_id)s
    and known.customer_id = touched.customer_id
    and not exists (
        select from cdp.customer_orders as mine
        where mine.tenant_id = %(tenant_id)s and mine.customer_id = known.customer_id
    );
