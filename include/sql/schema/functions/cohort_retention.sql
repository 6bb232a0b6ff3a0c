-- schema/functions/cohort_retention.sql: months of customers -> how many of those who began in a month still buy
-- grain:       one row per cohort and month since, those in which nobody bought among them
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace view cdp.cohort_retention with (security_invoker = true) as
with cells as (

    select
        tenant_id,
        cohort,
        month,
        count(*) as active_customers,
        sum(orders) as orders,
        sum(gross) as gross,
        sum(net) as net
    from cdp.customer_months
    group by tenant_id, cohort, month

),

last_months as (

    select
        tenant_id,
        max(month) as last_month
    from cells
    group by tenant_id

),

grid as (

    select
        cells.tenant_id,
        cells.cohort,
        later.month::date as month,
        (row_number() over (partition by cells.tenant_id, cells.cohort order by later.month) - 1)::integer
            as months_since,
        cells.active_customers as customers
    from cells
    inner join last_months on cells.tenant_id = last_months.tenant_id
    cross join generate_series(cells.cohort::timestamp, last_months.last_month::timestamp, '1 month') as later (month)
    where cells.month = cells.cohort

)

select
    grid.tenant_id,
    grid.cohort,
    grid.months_since,
    grid.month,
    grid.customers,
    coalesce(cells.active_customers, 0) as active_customers,
    round(coalesce(cells.active_customers, 0)::numeric / grid.customers, 4) as retention,
    coalesce(cells.orders, 0)::bigint as orders,
    coalesce(cells.gross, 0) as gross,
    coalesce(cells.net, 0) as net,
    sum(coalesce(cells.net, 0)) over (
        partition by grid.tenant_id, grid.cohort
        order by grid.months_since
    ) as net_so_far
from grid
left join cells
    on grid.tenant_id = cells.tenant_id and grid.cohort = cells.cohort and grid.month = cells.month;

comment on view cdp.cohort_retention is 'How many of the customers whose first revenue order was in a month bought again, month by month: one row per (tenant_id, cohort, months_since), up to the last month with an order of the shop, which may not be over.';
comment on column cdp.cohort_retention.tenant_id is 'The shop.';
comment on column cdp.cohort_retention.cohort is 'First day of the month, in Argentina, of the customers'' first revenue order.';
comment on column cdp.cohort_retention.months_since is 'Calendar months since: 0 is the first.';
comment on column cdp.cohort_retention.month is 'First day of the month looked at.';
comment on column cdp.cohort_retention.customers is 'Customers who began in cohort.';
comment on column cdp.cohort_retention.active_customers is 'Those of them with a revenue order in month.';
comment on column cdp.cohort_retention.retention is 'active_customers / customers.';
comment on column cdp.cohort_retention.orders is 'Their revenue orders in month.';
comment on column cdp.cohort_retention.gross is 'What these cost. Nominal: as paid.';
comment on column cdp.cohort_retention.net is 'gross less what was returned. Nominal.';
comment on column cdp.cohort_retention.net_so_far is 'net of the cohort from its first month to this one; by customers it is what one has brought so far. Nominal.';
