-- intelligence/orders/count_unknown.sql: cdp.customer_orders -> orders whose status is in no table of outcomes
-- grain:       one row
-- parameters:  tenant_id
-- idempotent:  read only
select count(*) as unknown
from cdp.customer_orders
where tenant_id = %(tenant_id)s and outcome = 'unknown';
