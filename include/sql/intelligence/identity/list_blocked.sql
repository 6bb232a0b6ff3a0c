-- intelligence/identity/list_blocked.sql: cdp.blocked_identifiers, cdp.blocked_values -> staging.identity_blocked
-- grain:       one row per identifier that identifies nobody: automatic, by hand, or by its value
-- parameters:  tenant_id
-- idempotent:  yes
insert into staging.identity_blocked (tenant_id, key)
select listed.tenant_id, listed.key
from (
    select known.tenant_id, known.key
    from cdp.blocked_identifiers as known
    where known.tenant_id = %(tenant_id)s and known.decision <> 'allowed'
    union
    select %(tenant_id)s, cdp.identifier_key(%(tenant_id)s, blocked.kind, blocked.value)
    from cdp.blocked_values as blocked
    where position('%%' in blocked.value) = 0
    union
    select buyer.tenant_id, buyer.email_key
    from staging.identity_orders as scope
    inner join cdp.order_buyers as buyer
        on scope.tenant_id = buyer.tenant_id and scope.order_id = buyer.order_id
    inner join cdp.blocked_values as blocked
        on blocked.kind = 'email' and position('%%' in blocked.value) > 0 and buyer.email like blocked.value
    where scope.tenant_id = %(tenant_id)s and buyer.tenant_id = %(tenant_id)s
) as listed
where
    not exists (
    select from cdp.blocked_identifiers as allowed
        where allowed.tenant_id = %(tenant_id)s and allowed.key = listed.key and allowed.decision = 'allowed'
    )
on conflict do nothing;
