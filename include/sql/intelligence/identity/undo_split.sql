-- intelligence/identity/undo_split.sql: takes an un-merge back
-- grain:       one pair of identifiers of a shop; answers the number of orders to be looked at again, no row if they
--              are not un-merged
-- parameters:  tenant_id, left_key, right_key
-- idempotent:  yes, but for order_changes
select cdp.undo_split(%(tenant_id)s, %(left_key)s::uuid, %(right_key)s::uuid) as orders
from cdp.identity_splits
where
    tenant_id = %(tenant_id)s
    and left_key = least(%(left_key)s::uuid, %(right_key)s::uuid)
    and right_key = greatest(%(left_key)s::uuid, %(right_key)s::uuid);
