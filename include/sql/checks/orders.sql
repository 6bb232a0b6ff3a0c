-- checks/orders.sql: cdp.order_events and cdp.order_items -> what must hold for the orders a run wrote
-- grain:       one row per check: its name, how many orders violate it, a query that shows them
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
with written as (

    select
        orders.*,
        (
            select count(*) from cdp.order_items as line
            where line.tenant_id = orders.tenant_id and line.order_id = orders.order_id
        ) as line_count
    from cdp.sync_runs as run
    inner join cdp.order_events as orders
        on run.tenant_id = orders.tenant_id and run.sync_run_id = orders.sync_run_id
    where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s

),

found as (

    select
        count(*) filter (where item_count < 0) as negative_counts,
        count(*) filter (
            where coalesce(items_total, discounts_total, shipping_total, tax_total, other_total) is not null
            and total <> coalesce(items_total, 0) + coalesce(discounts_total, 0) + coalesce(shipping_total, 0)
            + coalesce(tax_total, 0) + coalesce(other_total, 0)
        ) as wrong_totals,
        count(*) filter (where last_change < order_date - interval '1 minute') as early_changes,
        count(*) filter (where item_count <> line_count) as wrong_lines
    from written

),

run as (

    select
        format('select * from cdp.order_events where tenant_id = %%s and sync_run_id = %%s', tenant_id, sync_run_id)
            as its_orders
    from cdp.sync_runs
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s

)

select
    verdict.name,
    verdict.violations,
    run.its_orders || ' and ' || verdict.violated as look
from found
cross join run
cross join lateral (
    values
    ('orders with a negative number of lines', found.negative_counts, 'item_count < 0'),
    (
        'orders whose total is not the sum of its parts', found.wrong_totals,
        'total <> coalesce(items_total, 0) + coalesce(discounts_total, 0) + coalesce(shipping_total, 0) '
        || '+ coalesce(tax_total, 0) + coalesce(other_total, 0)'
    ),
    (
        'orders that changed before they were created', found.early_changes,
        'last_change < order_date - interval ''1 minute'''
    ),
    (
        'orders whose lines are not as many as counted', found.wrong_lines,
        'item_count <> (select count(*) from cdp.order_items as line where line.tenant_id = order_events.tenant_id '
        || 'and line.order_id = order_events.order_id)'
    )
) as verdict (name, violations, violated);
