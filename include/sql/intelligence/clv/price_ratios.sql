-- intelligence/clv/price_ratios.sql: cdp.price_index -> how much higher prices are in as_of's month than in each before
-- grain:       one row per month, in Argentina, from the first indexed one to as_of's; none without an index
-- parameters:  tenant_id, as_of
-- idempotent:  read only
with indexed as (

    select
        price.month,
        price.index,
        lead(price.month) over (order by price.month) as next_month,
        last_value(price.index) over (
            order by price.month rows between unbounded preceding and unbounded following
        ) as index_today,
        date_trunc('month', %(as_of)s::timestamptz at time zone 'America/Argentina/Buenos_Aires')::date as this_month
    from cdp.price_index as price
    where
        price.tenant_id = %(tenant_id)s
        and price.index > 0
        and price.month <= (%(as_of)s::timestamptz at time zone 'America/Argentina/Buenos_Aires')::date

)

-- A month without an index of its own has the one before.
select
    series.month::date as month,
    indexed.index_today / indexed.index as ratio
from indexed
cross join lateral generate_series(
    indexed.month::timestamp,
    coalesce(indexed.next_month - interval '1 month', indexed.this_month::timestamp),
    interval '1 month'
) as series (month)
order by series.month;
