-- intelligence/orders/write_orders.sql: identity_orders, order_events, order_packages -> cdp.customer_orders
-- grain:       one row per (tenant_id, order_id); an order that is nobody's any more leaves
-- parameters:  tenant_id
-- idempotent:  yes
with gone as (

    delete from cdp.customer_orders as known
    using staging.identity_orders as scope
    where
        known.tenant_id = %(tenant_id)s
        and scope.tenant_id = %(tenant_id)s
        and known.order_id = scope.order_id
        and scope.key is null

),

valued as (

    select
        scope.order_id,
        scope.order_date,
        member.customer_id,
        orders.total,
        orders.unit_count,
        case
            when orders.is_completed is false then 'cart'
            else coalesce(own.outcome, usual.outcome, 'unknown')
        end as outcome
    from staging.identity_orders as scope
    inner join staging.identity_members as member
        on scope.tenant_id = member.tenant_id and scope.key = member.key
    inner join cdp.order_events as orders
        on scope.tenant_id = orders.tenant_id and scope.order_id = orders.order_id
    left join cdp.order_outcomes as usual on coalesce(orders.status, '') = usual.status
    left join cdp.tenant_order_outcomes as own
        on own.tenant_id = %(tenant_id)s and coalesce(orders.status, '') = own.status
    where
        scope.tenant_id = %(tenant_id)s
        and member.tenant_id = %(tenant_id)s
        and orders.tenant_id = %(tenant_id)s

)

insert into cdp.customer_orders as known (
    tenant_id, order_id, customer_id, order_date, outcome, gross, net, units
)
select
    %(tenant_id)s, valued.order_id, valued.customer_id, valued.order_date, valued.outcome,
    case when valued.outcome = 'revenue' then valued.total else 0 end,
    case when valued.outcome = 'revenue' then valued.total - coalesce(returned.amount, 0) else 0 end,
    case when valued.outcome = 'revenue' then valued.unit_count else 0 end
from valued
-- One look into the index of returns for each order: a join of all returns depends on what the planner expects of them.
left join lateral (  -- noqa: ST05
    select sum(invoice.amount) as amount
    from (
        -- A shop that corrects a return sends it again, under the same invoice number.
        select max(coalesce(package.refund, package.invoice_value)) as amount
        from cdp.order_packages as package
        where
            package.tenant_id = %(tenant_id)s
            and package.order_id = valued.order_id
            and package.package_type = 'Input'
        group by coalesce(package.invoice_number, package.package_index::text)
    ) as invoice
) as returned on true
on conflict (tenant_id, order_id) do update set
    (customer_id, order_date, outcome, gross, net, units)
    = (
        excluded.customer_id, excluded.order_date, excluded.outcome, excluded.gross, excluded.net, excluded.units
    )
where
    (known.customer_id, known.order_date, known.outcome, known.gross, known.net, known.units)
    is distinct from
    (excluded.customer_id, excluded.order_date, excluded.outcome, excluded.gross, excluded.net, excluded.units);
