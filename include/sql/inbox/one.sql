-- inbox/one.sql: cdp.order_feeds -> where a tenant's feed stands
-- grain:       one row, none before the first drain
-- parameters:  tenant_id
-- idempotent:  read only
select key_hash, configuration, configured_at, drained_at
from cdp.order_feeds
where tenant_id = %(tenant_id)s;
