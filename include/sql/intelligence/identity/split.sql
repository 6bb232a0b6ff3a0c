-- intelligence/identity/split.sql: two identifiers are two people -> cdp.identity_splits, cdp.order_changes
-- grain:       one pair of identifiers of a shop; answers the number of orders to be looked at again
-- parameters:  tenant_id, left_key, right_key, reason, asked_by
-- idempotent:  yes, but for order_changes
select
    cdp.split_identity(%(tenant_id)s, %(left_key)s::uuid, %(right_key)s::uuid, %(reason)s, %(asked_by)s) as orders;
