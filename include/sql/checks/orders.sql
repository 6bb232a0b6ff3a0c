-- checks/orders.sql: cdp.order_events and cdp.order_items -> what must hold for the orders a run wrote
-- grain:       one row per check that fails: its name, how many orders violate it, a query that shows the first of them
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
with written as (

    select
        orders.*,
        num_nonnulls(
            orders.items_total, orders.discounts_total, orders.shipping_total, orders.tax_total, orders.other_total
        ) as part_count,
        coalesce(orders.items_total, 0) + coalesce(orders.discounts_total, 0) + coalesce(orders.shipping_total, 0)
        + coalesce(orders.tax_total, 0) + coalesce(orders.other_total, 0) as sum_of_parts,
        (
            select count(*) from cdp.order_items as line
            where line.tenant_id = orders.tenant_id and line.order_id = orders.order_id
        ) as line_count
    from cdp.sync_runs as run
    inner join cdp.order_events as orders
        on run.tenant_id = orders.tenant_id and run.sync_run_id = orders.sync_run_id
    where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s

),

verdict as (

    select checked.name, checked.is_violated, written.tenant_id, written.order_id
    from written
    cross join lateral (
        values
        ('orders with a negative number of lines', written.item_count < 0),
        (
            'orders whose total is not the sum of its parts',
            written.part_count > 0 and written.total <> written.sum_of_parts
        ),
        (
            'orders that changed before they were created',
            written.last_change < written.order_date - interval '1 minute'
        ),
        ('orders whose lines are not as many as counted', written.item_count <> written.line_count)
    ) as checked (name, is_violated)

)

select
    name,
    count(*) as violations,
    format(
        'select * from cdp.order_events where tenant_id = %%s and order_id = any(%%L)',
        tenant_id, (array_agg(order_id order by order_id))[1:20]
    ) as look
from verdict
where is_violated
group by name, tenant_id
order by name;
