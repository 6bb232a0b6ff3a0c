-- integrity/mark_vanished.sql: staging.listings -> vanished_at of cdp.order_events, cdp.order_changes
-- grain:       one row per order that VTEX lists no longer, or lists again
-- parameters:  tenant_id, batch_id (a full refresh that was merged), window_start, window_end
-- idempotent:  yes; an order once marked keeps its moment
with compared as (

    select orders.order_id, listed.order_id is not null as is_listed
    from cdp.order_events as orders
    left join staging.listings as listed
        on
            listed.tenant_id = %(tenant_id)s
            and listed.batch_id = %(batch_id)s
            and orders.order_id = listed.order_id
            and listed.created_at >= %(window_start)s
            and listed.created_at < %(window_end)s
    where
        orders.tenant_id = %(tenant_id)s
        and orders.order_date >= %(window_start)s
        and orders.order_date < %(window_end)s
        -- The list is late: what is this young may be there and not be shown yet.
        and (listed.order_id is not null or orders.order_date < %(window_end)s::timestamptz - interval '1 hour')

),

marked as (

    update cdp.order_events as orders
    set vanished_at = case when not compared.is_listed then run.started_at end
    from compared
    cross join cdp.sync_runs as run
    where
        run.tenant_id = %(tenant_id)s
        and run.batch_id = %(batch_id)s
        and orders.tenant_id = %(tenant_id)s
        and orders.order_id = compared.order_id
        and compared.is_listed = (orders.vanished_at is not null)
    returning orders.order_id, run.sync_run_id

)

insert into cdp.order_changes (tenant_id, order_id, sync_run_id)
select %(tenant_id)s, marked.order_id, marked.sync_run_id
from marked
on conflict (tenant_id, sync_run_id, order_id) do update set change_no = default;
