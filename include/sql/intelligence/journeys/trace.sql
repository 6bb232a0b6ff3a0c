-- intelligence/journeys/trace.sql: cdp.customer_orders, cdp.journey_thresholds -> staging.journey_events
-- grain:       one row per transition
-- parameters:  tenant_id, as_of
-- idempotent:  yes; a function of the orders, the thresholds and as_of
with settings as (

    select
        coalesce(max(loyal_orders), 3) as loyal_orders,
        coalesce(max(at_risk_intervals), 2) as at_risk_intervals,
        coalesce(max(dormant_intervals), 4) as dormant_intervals
    from cdp.customer_settings
    where tenant_id = %(tenant_id)s

),

mine as (

    select orders.customer_id, orders.order_id, orders.order_date, orders.net, orders.outcome = 'revenue' as counts
    from staging.journey_customers as scope
    inner join cdp.customer_orders as orders
        on scope.tenant_id = orders.tenant_id and scope.customer_id = orders.customer_id
    where
        scope.tenant_id = %(tenant_id)s
        and orders.tenant_id = %(tenant_id)s
        and orders.order_date < %(as_of)s

),

bought as (

    select
        mine.customer_id,
        mine.order_id,
        mine.order_date,
        thresholds.vip_net,
        row_number() over chronological as place,
        sum(mine.net) over (
            partition by mine.customer_id
            order by mine.order_date range between interval '1 year' preceding and current row
        ) as net,
        lead(mine.order_date) over chronological as next_date,
        mine.order_date + settings.at_risk_intervals * thresholds.interval_days * interval '1 day' as at_risk_at,
        mine.order_date + settings.dormant_intervals * thresholds.interval_days * interval '1 day' as dormant_at
    from mine
    cross join settings
    inner join cdp.journey_thresholds as thresholds
        on
            thresholds.tenant_id = %(tenant_id)s
            and thresholds.month
            = date_trunc('month', mine.order_date at time zone 'America/Argentina/Buenos_Aires')::date
    where mine.counts
    window chronological as (partition by mine.customer_id order by mine.order_date, mine.order_id)

),

ordered as (

    select
        bought.*,
        lag(bought.dormant_at) over (
            partition by bought.customer_id order by bought.order_date, bought.order_id
        ) as was_dormant_at
    from bought

),

happened as (

    select
        ordered.customer_id, ordered.order_date as happened_at, 1 as step, ordered.order_id, 'order' as cause,
        case
            when ordered.place = 1 then 'New'
            when ordered.order_date > ordered.was_dormant_at then 'Reactivated'
            when ordered.net >= ordered.vip_net then 'VIP'
            when ordered.place >= settings.loyal_orders then 'Loyal'
            else 'Active'
        end as stage,
        ordered.at_risk_at as next_transition_at
    from ordered
    cross join settings
    union all
    select customer_id, at_risk_at, 2, order_id, 'time', 'At Risk', dormant_at
    from ordered
    where at_risk_at < %(as_of)s and (next_date is null or next_date > at_risk_at)
    union all
    select customer_id, dormant_at, 3, order_id, 'time', 'Dormant', null
    from ordered
    where dormant_at < %(as_of)s and (next_date is null or next_date > dormant_at)
    union all
    select tried.customer_id, tried.order_date, 0, tried.order_id, 'order', 'Prospect', null
    from (
        select distinct on (customer_id) customer_id, order_date, order_id, counts
        from mine
        order by customer_id, order_date, order_id
    ) as tried
    where not tried.counts

),

followed as (

    select
        happened.*,
        lag(happened.stage) over path as from_stage,
        last_value(happened.next_transition_at) over (
            partition by happened.customer_id
            order by happened.happened_at, happened.order_id, happened.step
            rows between unbounded preceding and unbounded following
        ) as last_next
    from happened
    window path as (
        partition by happened.customer_id order by happened.happened_at, happened.order_id, happened.step
    )

),

moves as (

    select
        followed.*,
        row_number() over (
            partition by followed.customer_id
            order by followed.happened_at desc, followed.order_id desc, followed.step desc
        ) = 1 as is_last
    from followed
    where followed.stage is distinct from followed.from_stage

)

insert into staging.journey_events (
    tenant_id, customer_id, happened_at, stage, from_stage, cause, order_id, next_transition_at, is_last
)
select
    %(tenant_id)s, moves.customer_id, moves.happened_at, moves.stage, moves.from_stage, moves.cause, moves.order_id,
    moves.last_next, moves.is_last
from moves
on conflict do nothing;
