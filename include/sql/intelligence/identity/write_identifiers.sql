-- intelligence/identity/write_identifiers.sql: staging.identity_members -> cdp.customer_identifiers
-- grain:       one row per (tenant_id, key)
-- parameters:  tenant_id
-- idempotent:  yes
with gone as (

    delete from cdp.customer_identifiers as known
    using staging.identity_customers as scope
    where
        known.tenant_id = %(tenant_id)s
        and scope.tenant_id = %(tenant_id)s
        and known.customer_id = scope.customer_id
        and not exists (
            select from staging.identity_members as member
            where member.tenant_id = %(tenant_id)s and member.key = known.key
        )

)

insert into cdp.customer_identifiers as known (
    tenant_id, key, kind, customer_id, first_order_date, first_order_id, orders
)
select tenant_id, key, kind, customer_id, first_order_date, first_order_id, orders
from staging.identity_members
where tenant_id = %(tenant_id)s
on conflict (tenant_id, key) do update set
    (kind, customer_id, first_order_date, first_order_id, orders)
    = (excluded.kind, excluded.customer_id, excluded.first_order_date, excluded.first_order_id, excluded.orders)
where
    (known.kind, known.customer_id, known.first_order_date, known.first_order_id, known.orders)
    is distinct from
    (excluded.kind, excluded.customer_id, excluded.first_order_date, excluded.first_order_id, excluded.orders);
