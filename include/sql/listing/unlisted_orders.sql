-- listing/unlisted_orders.sql: orders stored and not listed
-- grain:       one row per order
-- parameters:  tenant_id, batch_id (cdp.sync_runs, staging.listings), window_start, window_end
-- idempotent:  read only
select orders.order_id
from cdp.order_events as orders
where
    orders.tenant_id = %(tenant_id)s
    and orders.order_date >= %(window_start)s
    -- The list is late: what is this young may be there and not be shown yet.
    and orders.order_date < %(window_end)s::timestamptz - interval '1 hour'
    and not exists (
        select from staging.listings as listed
        where
            listed.tenant_id = %(tenant_id)s
            and listed.batch_id = %(batch_id)s
            and listed.order_id = orders.order_id
    );
