-- {orders} orders of the last {days} days change as a sync would change them: half are cancelled, all cost more.
insert into cdp.sync_runs (tenant_id, batch_id, sync_type, window_start, window_end, status, started_at)
values (1, 'changed in {days} days', 'incremental', '2026-11-19Z', '2026-11-20Z', 'completed', '2026-11-20Z');
with chosen as (
    select order_id, n
    from (
        select
            order_id, row_number() over (order by hashtextextended(order_id, 7), order_id) as n
        from cdp.order_events
        where
            tenant_id = 1 and status = 'invoiced' and order_date >= timestamptz '2026-11-20Z' - interval '{days} days'
    ) as shuffled
    where n <= {orders}
),
changed as (
    update cdp.order_events as event
    set status = case when n % 2 = 0 then 'canceled' else status end, total = total + 100, sync_run_id = 2
    from chosen
    where event.tenant_id = 1 and event.order_id = chosen.order_id
)
insert into cdp.order_changes (tenant_id, order_id, sync_run_id)
select 1, order_id, 2 from chosen;
