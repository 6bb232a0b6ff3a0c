-- intelligence/identity/widen.sql: customers whom changed orders may concern, with all their orders
-- grain:       one row per customer in staging.identity_customers, one per order in staging.identity_orders
-- parameters:  tenant_id, flipped (identifiers that were blocked or unblocked just now)
-- idempotent:  yes
with shown as (

    select buyer.order_id, key.key
    from staging.identity_orders as changed
    inner join cdp.order_buyers as buyer
        on changed.tenant_id = buyer.tenant_id and changed.order_id = buyer.order_id
    cross join
        lateral (
        values
        (buyer.company_key), (buyer.document_key), (buyer.email_key), (buyer.profile_key), (buyer.phone_key)
        ) as key (key)
    where changed.tenant_id = %(tenant_id)s and buyer.tenant_id = %(tenant_id)s and key.key is not null

),

showing as (

    select order_id from cdp.order_buyers
    where tenant_id = %(tenant_id)s and document_key = any(%(flipped)s::uuid[])
    union
    select order_id from cdp.order_buyers
    where tenant_id = %(tenant_id)s and email_key = any(%(flipped)s::uuid[])
    union
    select order_id from cdp.order_buyers
    where tenant_id = %(tenant_id)s and profile_key = any(%(flipped)s::uuid[])

),

concerned as (

    select known.customer_id
    from staging.identity_orders as changed
    inner join cdp.customer_orders as known
        on changed.tenant_id = known.tenant_id and changed.order_id = known.order_id
    where changed.tenant_id = %(tenant_id)s and known.tenant_id = %(tenant_id)s
    union
    select known.customer_id
    from showing
    inner join cdp.customer_orders as known on known.tenant_id = %(tenant_id)s and showing.order_id = known.order_id
    union
    select known.customer_id
    from shown
    inner join cdp.customer_identifiers as known on known.tenant_id = %(tenant_id)s and shown.key = known.key
    union
    select known.customer_id
    from showing
    inner join cdp.order_buyers as buyer on buyer.tenant_id = %(tenant_id)s and showing.order_id = buyer.order_id
    cross join
        lateral (
        values (buyer.company_key), (buyer.document_key), (buyer.email_key), (buyer.profile_key)
        ) as key (key)
    inner join cdp.customer_identifiers as known on known.tenant_id = %(tenant_id)s and key.key = known.key

),

customers as (

    insert into staging.identity_customers (tenant_id, customer_id)
    select %(tenant_id)s, concerned.customer_id
    from concerned
    on conflict do nothing

)

insert into staging.identity_orders (tenant_id, order_id, is_changed)
select known.tenant_id, known.order_id, false
from concerned
inner join cdp.customer_orders as known on concerned.customer_id = known.customer_id
where known.tenant_id = %(tenant_id)s
union
select %(tenant_id)s, showing.order_id, false
from showing
on conflict do nothing;
