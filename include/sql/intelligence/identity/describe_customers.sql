-- intelligence/identity/describe_customers.sql: staging.identity_members, cdp.order_buyers -> cdp.customers
-- grain:       one row per (tenant_id, customer_id), described as in the latest order
-- parameters:  tenant_id, as_of, sync_run_id
-- idempotent:  yes
with latest as (

    select distinct on (member.customer_id) member.customer_id, scope.order_date, scope.order_id
    from staging.identity_orders as scope
    inner join staging.identity_members as member
        on scope.tenant_id = member.tenant_id and scope.key = member.key
    where scope.tenant_id = %(tenant_id)s and member.tenant_id = %(tenant_id)s
    order by member.customer_id asc, scope.order_date desc, scope.order_id desc

)

insert into cdp.customers as known (
    tenant_id, customer_id, identified_by, document, document_type, email, user_profile_id, first_name, last_name,
    phone, is_corporate, corporate_name, corporate_document, last_order_date, last_order_id, as_of, sync_run_id
)
select
    %(tenant_id)s, latest.customer_id, named.kind, buyer.document, buyer.document_type, buyer.email,
    buyer.user_profile_id, buyer.first_name, buyer.last_name, buyer.phone, named.kind = 'company',
    buyer.corporate_name, buyer.corporate_document, latest.order_date, latest.order_id, %(as_of)s, %(sync_run_id)s
from latest
inner join staging.identity_members as named on latest.customer_id = named.key
inner join cdp.order_buyers as buyer on latest.order_id = buyer.order_id
where named.tenant_id = %(tenant_id)s and buyer.tenant_id = %(tenant_id)s
on conflict (tenant_id, customer_id) do update set
    (
        identified_by, document, document_type, email, user_profile_id, first_name, last_name, phone, is_corporate,
        corporate_name, corporate_document, last_order_date, last_order_id, as_of, sync_run_id
    )
    = (
        excluded.identified_by, excluded.document, excluded.document_type, excluded.email, excluded.user_profile_id,
        excluded.first_name, excluded.last_name, excluded.phone, excluded.is_corporate, excluded.corporate_name,
        excluded.corporate_document, excluded.last_order_date, excluded.last_order_id, excluded.as_of,
        excluded.sync_run_id
    )
where
    (
        known.identified_by, known.document, known.document_type, known.email, known.user_profile_id,
        known.first_name, known.last_name, known.phone, known.is_corporate, known.corporate_name,
        known.corporate_document, known.last_order_date, known.last_order_id
    )
    is distinct from
    (
        excluded.identified_by, excluded.document, excluded.document_type, excluded.email, excluded.user_profile_id,
        excluded.first_name, excluded.last_name, excluded.phone, excluded.is_corporate, excluded.corporate_name,
        excluded.corporate_document, excluded.last_order_date, excluded.last_order_id
    );
