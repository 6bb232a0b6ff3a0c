-- orders/insert_versions.sql: staging.orders and cdp.order_events -> cdp.order_versions
-- grain:       one row per (tenant_id, order_id, fetched_at), for each order just written that says something new
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there)
-- idempotent:  yes
with written as (

    select
        orders.tenant_id,
        orders.order_id,
        orders.fetched_at,
        orders.sync_run_id,
        orders.last_change,
        orders.status,
        orders.total,
        cdp.payment_state(orders.authorized_at) as payment_state,
        cdp.delivery_state(orders.invoiced_at, orders.tracking_number, sent.is_delivered) as delivery_state
    from staging.orders as staged
    inner join cdp.order_events as orders
        on staged.tenant_id = orders.tenant_id and staged.order_id = orders.order_id
    left join lateral (  -- noqa: ST05
        select bool_and(coalesce(package.is_delivered, false) or package.delivered_at is not null) as is_delivered
        from cdp.order_packages as package
        where
            package.tenant_id = %(tenant_id)s
            and package.order_id = orders.order_id
            and package.package_type is distinct from 'Input'
    ) as sent on true
    where staged.tenant_id = %(tenant_id)s and staged.batch_id = %(batch_id)s and orders.tenant_id = %(tenant_id)s

)

insert into cdp.order_versions (
    tenant_id, order_id, fetched_at, last_change, status, total, payment_state, delivery_state, source, sync_run_id
)
select
    written.tenant_id, written.order_id, written.fetched_at, written.last_change, written.status, written.total,
    written.payment_state, written.delivery_state, 'document', written.sync_run_id
from written
-- One look into the key for each order: a join would read all versions of the shop if the planner knew no better.
left join lateral (  -- noqa: ST05
    select version.*
    from cdp.order_versions as version
    where version.tenant_id = %(tenant_id)s and version.order_id = written.order_id
    order by version.fetched_at desc
    limit 1
) as known on true
where
    (written.last_change, written.status, written.total, written.payment_state, written.delivery_state)
    is distinct from
    (known.last_change, known.status, known.total, known.payment_state, known.delivery_state)
on conflict (tenant_id, order_id, fetched_at) do nothing;
