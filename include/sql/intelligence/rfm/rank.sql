-- intelligence/rfm/rank.sql: cdp.customer_profiles, cdp.customer_orders -> cdp.customer_rfm, customer_rfm_history
-- grain:       one row per (tenant_id, window_days, customer_id); the shop is ranked as a whole. Answers one row:
--              customers scored, changed, and in another segment
-- parameters:  tenant_id, as_of, sync_run_id, window_days (0: the whole life), is_wanted (else nobody has a score)
-- idempotent:  yes
with measured as (

    select customer_id, last_order_date, orders, net
    from cdp.customer_profiles
    where tenant_id = %(tenant_id)s and orders > 0 and %(window_days)s = 0 and %(is_wanted)s
    union all
    select customer_id, max(order_date), count(*), sum(net)
    from cdp.customer_orders
    where
        tenant_id = %(tenant_id)s
        and outcome = 'revenue'
        and order_date < %(as_of)s
        and order_date >= %(as_of)s::timestamptz - %(window_days)s * interval '1 day'
        and %(window_days)s > 0
        and %(is_wanted)s
    group by customer_id

),

-- Where a value stands: twice the customers below it, and those who share it: the middle of their places, doubled.
placed as (

    select
        customer_id, last_order_date, orders, net,
        count(*) over () as customers,
        count(*) filter (where orders > 1) over () as repeaters,
        2 * (rank() over by_date - 1) + count(*) over (by_date range current row) as recency_place,
        2 * (rank() over by_net - 1) + count(*) over (by_net range current row) as money_place,
        2 * (rank() over by_orders - 1) + count(*) over (by_orders range current row) as frequency_place
    from measured
    window
        by_date as (order by last_order_date),
        by_net as (order by net),
        by_orders as (partition by orders > 1 order by orders)

),

scored as (

    select
        customer_id, last_order_date, orders, net,
        1 + 5 * recency_place / (2 * customers) as recency,
        case when orders = 1 then 1 else 2 + 4 * frequency_place / (2 * repeaters) end as frequency,
        1 + 5 * money_place / (2 * customers) as money
    from placed

),

named as (

    select scored.*, segments.score, segments.segment, segments.tier
    from scored
    inner join cdp.rfm_segments as segments
        on segments.score = scored.recency::text || scored.frequency::text || scored.money::text

),

gone as (

    delete from cdp.customer_rfm as known
    where
        known.tenant_id = %(tenant_id)s
        and known.window_days = %(window_days)s
        and not exists (
            select from measured
            where measured.customer_id = known.customer_id
        )
    returning known.customer_id

),

before as (

    select customer_id, score, segment
    from cdp.customer_rfm
    where tenant_id = %(tenant_id)s and window_days = %(window_days)s

),

written as (

    insert into cdp.customer_rfm as known (
        tenant_id, window_days, customer_id, last_order_date, orders, net, recency, frequency, money, score, segment,
        tier, as_of, sync_run_id
    )
    select
        %(tenant_id)s, %(window_days)s, named.customer_id, named.last_order_date, named.orders, named.net,
        named.recency, named.frequency, named.money, named.score, named.segment, named.tier, %(as_of)s, %(sync_run_id)s
    from named
    on conflict (tenant_id, window_days, customer_id) do update set
        (last_order_date, orders, net, recency, frequency, money, score, segment, tier, as_of, sync_run_id)
        = (
            excluded.last_order_date, excluded.orders, excluded.net, excluded.recency, excluded.frequency,
            excluded.money, excluded.score, excluded.segment, excluded.tier, excluded.as_of, excluded.sync_run_id
        )
    where
        (known.last_order_date, known.orders, known.net, known.score, known.segment, known.tier)
        is distinct from
        (excluded.last_order_date, excluded.orders, excluded.net, excluded.score, excluded.segment, excluded.tier)
    returning known.customer_id, known.score, known.segment

),

moved as (

    select written.customer_id, written.score, written.segment, before.segment as before_segment
    from written
    left join before on written.customer_id = before.customer_id
    where written.score is distinct from before.score or written.segment is distinct from before.segment
    union all
    select gone.customer_id, null, null, before.segment
    from gone
    inner join before on gone.customer_id = before.customer_id

),

kept as (

    insert into cdp.customer_rfm_history as known (
        tenant_id, window_days, customer_id, as_of, score, segment, sync_run_id
    )
    select
        %(tenant_id)s, %(window_days)s, moved.customer_id, %(as_of)s, moved.score, moved.segment, %(sync_run_id)s
    from moved
    on conflict (tenant_id, window_days, customer_id, as_of) do update set
        (score, segment, sync_run_id) = (excluded.score, excluded.segment, excluded.sync_run_id)

)

select
    (select count(*) from named) as scored,
    (select count(*) from moved) as rescored,
    (select count(*) from moved
    where segment is distinct from before_segment and before_segment is not null) as moved;
