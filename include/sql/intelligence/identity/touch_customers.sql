-- intelligence/identity/touch_customers.sql: customers that were found again -> cdp.customers_touched
-- grain:       one row per (tenant_id, customer_id), those that are gone among them
-- parameters:  tenant_id, as_of, since (date of the oldest order that changed; null: none did)
-- idempotent:  yes
insert into cdp.customers_touched as known (tenant_id, customer_id, since)
select found.tenant_id, found.customer_id, coalesce(%(since)s, %(as_of)s)
from (
    select tenant_id, customer_id
    from staging.identity_customers
    where tenant_id = %(tenant_id)s
    union
    select tenant_id, customer_id
    from staging.identity_members
    where tenant_id = %(tenant_id)s
) as found
on conflict (tenant_id, customer_id) do update set since = least(known.since, excluded.since)
where excluded.since < known.since;
