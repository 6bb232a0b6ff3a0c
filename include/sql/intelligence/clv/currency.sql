-- intelligence/clv/currency.sql: cdp.order_events -> the currency of most of a shop's orders
-- grain:       one row; none without orders
-- parameters:  tenant_id, as_of
-- idempotent:  read only
select currency
from cdp.order_events
where tenant_id = %(tenant_id)s and order_date < %(as_of)s and currency is not null
group by currency
order by count(*) desc, currency asc
limit 1;
