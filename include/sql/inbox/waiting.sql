-- inbox/waiting.sql: cdp.order_notifications -> how many wait
-- grain:       one row
-- parameters:  tenant_id
-- idempotent:  read only
select count(*)::integer as notifications, count(distinct order_id)::integer as orders
from cdp.order_notifications
where tenant_id = %(tenant_id)s and processed_at is null;
