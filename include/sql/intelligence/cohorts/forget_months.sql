-- intelligence/cohorts/forget_months.sql: cdp.customer_orders -> cdp.customer_months, what is no longer
-- grain:       one row per month in which a customer bought, and by now did not
-- parameters:  tenant_id, as_of, everyone
-- idempotent:  yes
with due as (

    select customer_id
    from cdp.customers_touched
    where tenant_id = %(tenant_id)s and not %(everyone)s
    union all
    -- all who have a row, those among them who exist no longer
    select distinct customer_id
    from cdp.customer_months
    where tenant_id = %(tenant_id)s and %(everyone)s

)

delete from cdp.customer_months as kept
using due
where
    kept.tenant_id = %(tenant_id)s
    and kept.customer_id = due.customer_id
    and not exists (
        select from cdp.customer_orders as owned
        where
            owned.tenant_id = %(tenant_id)s
            and owned.customer_id = kept.customer_id
            and owned.outcome = 'revenue'
            and owned.order_date < %(as_of)s
            and date_trunc('month', owned.order_date at time zone 'America/Argentina/Buenos_Aires')::date = kept.month
    );
