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

intervals as (

    select
        months.month,
        count(*) as gaps,
        percentile_cont(0.5) within group (
            order by extract(epoch from gaps.order_date - gaps.previous_date)::double precision / 86400
        ) as days
    from months
    inner join gaps on months.after <= gaps.previous_date and months.before > gaps.order_date
    group by months.month

),

monthly as (

    select
        customer_id,
        date_trunc('month', order_date at time zone 'America/Argentina/Buenos_Aires')::date as month,
        sum(net) as net
    from recent
    group by customer_id, date_trunc('month', order_date at time zone 'America/Argentina/Buenos_Aires')

),

nets as (

    select months.month, monthly.customer_id, sum(monthly.net) as net
    from months
    inner join monthly
        on monthly.month >= (months.month - interval '1 year')::date and months.month > monthly.month
    group by months.month, monthly.customer_id

),

best as (

    select
        nets.month,
        count(*) as customers,
        percentile_disc(1 - (select settings.vip_share from settings)) within group (order by nets.net) as net
    from nets
    group by nets.month

),

found as (

    select
        months.month,
        greatest(
            1,
            ceil(coalesce(settings.interval_days, case when intervals.gaps >= 30 then intervals.days end, 60))
        )::integer as interval_days,
        case
            when best.customers >= 20 and best.net > 0
                then
                    ceil(best.net / power(10::numeric, floor(log(best.net)) - 1))
                    * power(10::numeric, floor(log(best.net)) - 1)
        end as vip_net
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
