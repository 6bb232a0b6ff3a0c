-- intelligence/identity/take_changes.sql: cdp.order_changes -> staging.identity_orders
-- grain:       one row per order; takes exactly the changes it reads, but for those of orders after as_of
-- parameters:  tenant_id, as_of
-- idempotent:  yes
with taken as (

    delete from cdp.order_changes as change
    where
        change.tenant_id = %(tenant_id)s
        and not exists (
            select from cdp.order_events as orders
            where
                orders.tenant_id = %(tenant_id)s
                and orders.order_id = change.order_id
                and orders.order_date >= %(as_of)s
        )
    returning change.order_id

)

insert into staging.identity_orders (tenant_id, order_id, is_changed)
select distinct %(tenant_id)s, taken.order_id, true
from taken
on conflict do nothing;
