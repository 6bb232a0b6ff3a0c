-- listing/orders_to_reread.sql: cdp.order_events -> orders to read again because of their last read's age
-- grain:       one row per order, the longest unread first; waiting is how many there are, with those beyond most.
--              None where the list is known to carry lastChange in all of its rows
-- parameters:  tenant_id, as_of (the run's moment), created_from and read_before (orders created since the one and
--              last read before the other), open_from (orders not in a terminal state: created since then and not
--              read since the run's moment), most
-- idempotent:  read only
select
    orders.order_id,
    count(*) over () as waiting
from cdp.order_events as orders
inner join cdp.order_fetches as fetched
    on orders.tenant_id = fetched.tenant_id and orders.order_id = fetched.order_id
where
    orders.tenant_id = %(tenant_id)s
    and orders.order_date < %(as_of)s::timestamptz
    and (
        (orders.order_date >= %(created_from)s and fetched.fetched_at < %(read_before)s)
        or (
            orders.order_date >= %(open_from)s
            and fetched.fetched_at < %(as_of)s::timestamptz
            and cdp.is_open(orders.status)
        )
    )
    and not exists (
        select from cdp.order_lists as lists
        where lists.tenant_id = %(tenant_id)s and lists.rows_with_last_change = 'all'
    )
order by fetched.fetched_at asc, orders.order_id asc
limit %(most)s;
