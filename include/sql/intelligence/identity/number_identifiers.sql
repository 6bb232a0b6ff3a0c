-- intelligence/identity/number_identifiers.sql: staging.identity_orders, identity_edges -> staging.identity_nodes
-- grain:       one row per identifier that identifies somebody, numbered from 0
-- parameters:  tenant_id
-- idempotent:  yes
with shown as (

    select scope.key, scope.kind, scope.order_date as first_order_date, scope.order_id as first_order_id, 1 as orders
    from staging.identity_orders as scope
    where scope.tenant_id = %(tenant_id)s and scope.key is not null
    union all
    select edge.right_key, edge.right_kind, edge.first_order_date, edge.first_order_id, edge.orders
    from staging.identity_edges as edge
    where edge.tenant_id = %(tenant_id)s and edge.state = 'followed'

),

identifiers as (

    select
        key,
        kind,
        min(first_order_date) as first_order_date,
        (array_agg(first_order_id order by first_order_date, first_order_id))[1] as first_order_id,
        sum(orders) as orders
    from shown
    group by key, kind

)

insert into staging.identity_nodes (tenant_id, node_no, key, kind, first_order_date, first_order_id, orders)
select
    %(tenant_id)s, row_number() over (order by key) - 1, key, kind, first_order_date, first_order_id, orders
from identifiers
on conflict do nothing;
