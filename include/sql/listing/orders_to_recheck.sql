-- listing/orders_to_recheck.sql: cdp.order_events -> orders to read again though no list row asks for it
-- grain:       one row per order
-- parameters:  tenant_id, as_of (the run's moment), max_age_days
-- idempotent:  read only
select orders.order_id
from cdp.order_events as orders
inner join cdp.order_fetches as fetched
    on orders.tenant_id = fetched.tenant_id and orders.order_id = fetched.order_id
where
    orders.tenant_id = %(tenant_id)s
    and orders.order_date >= %(as_of)s::timestamptz - make_interval(days => %(max_age_days)s)
    and orders.order_date < %(as_of)s::timestamptz
    and cdp.awaits_cancel_reason(
        orders.status, orders.cancel_reason, orders.last_change, fetched.fetched_at, %(as_of)s::timestamptz
    )
order by orders.order_id;
