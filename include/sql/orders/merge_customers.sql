-- orders/merge_customers.sql: staging.orders -> cdp.customers
-- grain:       one row per (tenant_id, customer_id)
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there)
-- idempotent:  yes; the customer is described as in the latest order, so a replay changes nothing
insert into cdp.customers as target (
    tenant_id, customer_id, last_order_date, last_order_id,
    identified_by, document, document_type, email, user_profile_id,
    first_name, last_name, phone, is_corporate, corporate_name,
    corporate_document
)
select distinct on (staged.customer_id)
    staged.tenant_id, staged.customer_id, staged.order_date, staged.order_id,
    staged.identified_by, staged.document, staged.document_type, staged.email,
    staged.user_profile_id, staged.first_name, staged.last_name, staged.phone,
    staged.is_corporate, staged.corporate_name, staged.corporate_document
from staging.orders as staged
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and staged.customer_id is not null
order by staged.customer_id asc, staged.order_date desc, staged.order_id desc, staged.document_no desc
on conflict (tenant_id, customer_id) do update set
    last_order_date = excluded.last_order_date,
    last_order_id = excluded.last_order_id,
    synced_at = now(),
    identified_by = excluded.identified_by,
    document = excluded.document,
    document_type = excluded.document_type,
    email = excluded.email,
    user_profile_id = excluded.user_profile_id,
    first_name = excluded.first_name,
    last_name = excluded.last_name,
    phone = excluded.phone,
    is_corporate = excluded.is_corporate,
    corporate_name = excluded.corporate_name,
    corporate_document = excluded.corporate_document
where
    (excluded.last_order_date, excluded.last_order_id) >= (target.last_order_date, target.last_order_id)
    and (
        excluded.last_order_date, excluded.last_order_id,
        excluded.identified_by, excluded.document, excluded.document_type, excluded.email,
        excluded.user_profile_id, excluded.first_name, excluded.last_name, excluded.phone,
        excluded.is_corporate, excluded.corporate_name, excluded.corporate_document
    ) is distinct from (
        target.last_order_date, target.last_order_id,
        target.identified_by, target.document, target.document_type, target.email,
        target.user_profile_id, target.first_name, target.last_name, target.phone,
        target.is_corporate, target.corporate_name, target.corporate_document
    );
