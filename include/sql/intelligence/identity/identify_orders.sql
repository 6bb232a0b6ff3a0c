-- intelligence/identity/identify_orders.sql: cdp.order_buyers -> key of staging.identity_orders
-- grain:       one row per order: the strongest of its identifiers that is not blocked. A company's is its document
--              alone; a telephone only if there is nothing else
-- parameters:  tenant_id, as_of
-- idempotent:  yes
update staging.identity_orders as scope
set (order_date, kind, key) = (found.order_date, found.kind, found.key)
from (
    select
        orders.order_id,
        orders.order_date,
        case
            when buyer.company_key is not null and no_company.key is null then 'company'
            when buyer.document_key is not null and no_document.key is null then 'document'
            when buyer.email_key is not null and no_email.key is null then 'email'
            when buyer.profile_key is not null and no_profile.key is null then 'profile'
            when
                coalesce(buyer.company_key, buyer.document_key, buyer.email_key, buyer.profile_key) is null
                and buyer.phone_key is not null
                then 'phone'
        end as kind,
        coalesce(
            case when no_company.key is null then buyer.company_key end,
            case when no_document.key is null then buyer.document_key end,
            case when no_email.key is null then buyer.email_key end,
            case when no_profile.key is null then buyer.profile_key end,
            case
                when coalesce(buyer.company_key, buyer.document_key, buyer.email_key, buyer.profile_key) is null
                    then buyer.phone_key
            end
        ) as key
    from staging.identity_orders as looked_at
    inner join cdp.order_events as orders
        on looked_at.tenant_id = orders.tenant_id and looked_at.order_id = orders.order_id
    inner join cdp.order_buyers as buyer
        on looked_at.tenant_id = buyer.tenant_id and looked_at.order_id = buyer.order_id
    left join staging.identity_blocked as no_company
        on no_company.tenant_id = %(tenant_id)s and buyer.company_key = no_company.key
    left join staging.identity_blocked as no_document
        on no_document.tenant_id = %(tenant_id)s and buyer.document_key = no_document.key
    left join staging.identity_blocked as no_email
        on no_email.tenant_id = %(tenant_id)s and buyer.email_key = no_email.key
    left join staging.identity_blocked as no_profile
        on no_profile.tenant_id = %(tenant_id)s and buyer.profile_key = no_profile.key
    where
        looked_at.tenant_id = %(tenant_id)s
        and orders.tenant_id = %(tenant_id)s
        and buyer.tenant_id = %(tenant_id)s
        and orders.vanished_at is null
        and orders.order_date < %(as_of)s
) as found
where
    scope.tenant_id = %(tenant_id)s
    and scope.order_id = found.order_id
    and (scope.order_date, scope.kind, scope.key) is distinct from (found.order_date, found.kind, found.key);
