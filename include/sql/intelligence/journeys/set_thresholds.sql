-- intelligence/journeys/set_thresholds.sql: cdp.customer_orders -> cdp.journey_thresholds
-- grain:       one row per (tenant_id, month), from the month of the first order to that of as_of; looks at the
--              months that orders changed since the last calculation may concern. Answers the months that
--              are other than before
-- parameters:  tenant_id, as_of, everyone
-- idempotent:  yes
with settings as (

    select
        max(usual_interval_days) as interval_days,
        coalesce(max(vip_share), 0.05) as vip_share
    from cdp.customer_settings
    where tenant_id = %(tenant_id)s

),

bounds as (

    select
        date_trunc('month', min(order_date) at time zone 'America/Argentina/Buenos_Aires') as first_month,
        date_trunc('month', %(as_of)s::timestamptz at time zone 'America/Argentina/Buenos_Aires') as last_month
    from cdp.customer_orders
    where tenant_id = %(tenant_id)s

),

oldest as (

    select min(since) at time zone 'America/Argentina/Buenos_Aires' as changed_at
    from cdp.customers_touched
    where tenant_id = %(tenant_id)s

),

months as (

    select
        start.at::date as month,
        start.at at time zone 'America/Argentina/Buenos_Aires' as before,
        (start.at - interval '1 year') at time zone 'America/Argentina/Buenos_Aires' as after
    from bounds
    cross join oldest
    cross join generate_series(bounds.first_month, bounds.last_month, interval '1 month') as start (at)
    left join cdp.journey_thresholds as known
        on known.tenant_id = %(tenant_id)s and start.at::date = known.month
    where
        bounds.first_month is not null
        -- an order concerns the months after its own
        and (%(everyone)s or known.month is null or start.at > oldest.changed_at)

),

recent as (

    select customer_id, order_id, order_date, net
    from cdp.customer_orders
    where
        tenant_id = %(tenant_id)s
        and outcome = 'revenue'
        and order_date >= (select min(months.after) from months)
        and order_date < (select max(months.before) from months)

),

-- The orders of one purchase, one for each seller, are one visit.
visits as (

    select
        customer_id,
        min(order_date) as order_date
    from recent
    group by customer_id, (order_date at time zone 'America/Argentina/Buenos_Aires')::date

),

gaps as (

    select order_date, lag(order_date) over (partition by customer_id order by order_date) as previous_date
    from visits

),

-- Which months an interval concerns follows from the months of its two visits, so equal ones are counted, not repeated.
waits as (

    select
        date_trunc('month', gaps.previous_date at time zone 'America/Argentina/Buenos_Aires')::date as previous_month,
        date_trunc('month', gaps.order_date at time zone 'America/Argentina/Buenos_Aires')::date as month,
        ceil(extract(epoch from gaps.order_date - gaps.previous_date) / 86400)::integer as days,
        count(*) as gaps
    from gaps
    where gaps.previous_date is not null
    group by 1, 2, 3  -- noqa: AM06

),

monthly_waits as (

    select
        months.month,
        waits.days,
        sum(sum(waits.gaps)) over (partition by months.month order by waits.days) as gaps_so_far,
        sum(sum(waits.gaps)) over (partition by months.month) as gaps
    from months
    inner join waits
        on
            waits.previous_month >= (months.month - interval '1 year')::date
            and months.month > waits.month
    group by months.month, waits.days

),

intervals as (

    select month, max(gaps) as gaps, min(days) as days
    from monthly_waits
    where gaps_so_far * 2 >= gaps
    group by month

),

monthly as (

    select
        customer_id,
        date_trunc('month', order_date at time zone 'America/Argentina/Buenos_Aires')::date as month,
        sum(net) as net
    from recent
    group by customer_id, date_trunc('month', order_date at time zone 'America/Argentina/Buenos_Aires')

),

-- What a customer brought in the year before a month changes when a month of theirs enters that year, and when it
-- leaves.
steps as (

    select customer_id, (month + interval '1 month')::date as month, net, 1 as orders
    from monthly
    union all
    select customer_id, (month + interval '13 months')::date, -net, -1
    from monthly

),

levels as (

    select
        month as since,
        sum(sum(net)) over through as net,
        sum(sum(orders)) over through as orders,
        lead(month) over through as until
    from steps
    group by customer_id, month
    window through as (partition by customer_id order by month)

),

-- Two digits, rounded up, are all that is kept of what the best bring, so equal ones are counted here too. Logarithms
-- of numeric would take most of the time.
counted as (

    select
        levels.since,
        levels.until,
        case
            when levels.net <= 0 then 0
            when trunc(levels.net, 2 - whole.digits) = levels.net then levels.net
            else trunc(levels.net, 2 - whole.digits) + ('1e' || whole.digits - 2)::numeric
        end as net,
        count(*) as customers
    from levels
    cross join lateral (  -- noqa: ST05
        select length(trunc(greatest(levels.net, 0))::text) as digits
    ) as whole
    where levels.orders > 0
    group by 1, 2, 3  -- noqa: AM06

),

monthly_nets as (

    select
        months.month,
        counted.net,
        sum(sum(counted.customers)) over (partition by months.month order by counted.net) as customers_so_far,
        sum(sum(counted.customers)) over (partition by months.month) as customers
    from months
    inner join counted
        on months.month >= counted.since and (counted.until is null or months.month < counted.until)
    group by months.month, counted.net

),

best as (

    select monthly_nets.month, max(monthly_nets.customers) as customers, min(monthly_nets.net) as net
    from monthly_nets
    cross join settings
    where monthly_nets.customers_so_far >= (1 - settings.vip_share) * monthly_nets.customers
    group by monthly_nets.month

),

found as (

    select
        months.month,
        greatest(
            1,
            ceil(coalesce(settings.interval_days, case when intervals.gaps >= 30 then intervals.days end, 60))
        )::integer as interval_days,
        case when best.customers >= 20 and best.net > 0 then best.net end as vip_net
    from months
    cross join settings
    left join intervals on months.month = intervals.month
    left join best on months.month = best.month

),

gone as (

    delete from cdp.journey_thresholds as known
    using bounds
    where
        known.tenant_id = %(tenant_id)s
        and (bounds.first_month is null or known.month < bounds.first_month)
    returning known.month

),

written as (

    insert into cdp.journey_thresholds as known (tenant_id, month, interval_days, vip_net)
    select %(tenant_id)s, found.month, found.interval_days, round(found.vip_net, 2)
    from found
    on conflict (tenant_id, month) do update set
        (interval_days, vip_net) = (excluded.interval_days, excluded.vip_net)
    where (known.interval_days, known.vip_net) is distinct from (excluded.interval_days, excluded.vip_net)
    returning known.month

)

select month from written
union
select month from gone;
