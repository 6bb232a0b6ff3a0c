-- intelligence/cohorts/upsert_months.sql: cdp.customer_orders -> cdp.customer_months
-- grain:       one row per customer and month with revenue orders, where it differs
-- parameters:  tenant_id, as_of, everyone, sync_run_id
-- idempotent:  yes
with due as (

    select customer_id
    from cdp.customers_touched
    where tenant_id = %(tenant_id)s and not %(everyone)s
    union all
    select customer_id
    from cdp.customers
    where tenant_id = %(tenant_id)s and %(everyone)s

),

months as (

    select
        owned.customer_id,
        date_trunc('month', owned.order_date at time zone 'America/Argentina/Buenos_Aires')::date as month,
        count(*)::integer as orders,
        sum(owned.gross) as gross,
        sum(owned.net) as net,
        sum(owned.units)::bigint as units
    from due
    inner join cdp.customer_orders as owned on due.customer_id = owned.customer_id
    where owned.tenant_id = %(tenant_id)s and owned.outcome = 'revenue' and owned.order_date < %(as_of)s
    group by 1, 2

),

measured as (

    select
        *,
        min(month) over (partition by customer_id) as cohort
    from months

)

insert into cdp.customer_months as kept
(tenant_id, customer_id, month, cohort, orders, gross, net, units, as_of, sync_run_id)
select
    %(tenant_id)s,
    new.customer_id,
    new.month,
    new.cohort,
    new.orders,
    new.gross,
    new.net,
    new.units,
    %(as_of)s,
    %(sync_run_id)s
from measured as new
left join cdp.customer_months as old
    on old.tenant_id = %(tenant_id)s and new.customer_id = old.customer_id and new.month = old.month
where
    (old.cohort, old.orders, old.gross, old.net, old.units)
    is distinct from (new.cohort, new.orders, new.gross, new.net, new.units)
on conflict (tenant_id, customer_id, month) do update set
    cohort = excluded.cohort,
    orders = excluded.orders,
    gross = excluded.gross,
    net = excluded.net,
    units = excluded.units,
    as_of = excluded.as_of,
    sync_run_id = excluded.sync_run_id;
