-- intelligence/identity/write_edges.sql: staging.identity_edges -> cdp.identity_edges
-- grain:       one row per (tenant_id, left_key, right_key)
-- parameters:  tenant_id
-- idempotent:  yes
with gone as (

    delete from cdp.identity_edges as known
    using staging.identity_customers as scope
    where
        known.tenant_id = %(tenant_id)s
        and scope.tenant_id = %(tenant_id)s
        and known.customer_id = scope.customer_id
        and not exists (
            select from staging.identity_edges as edge
            where
                edge.tenant_id = %(tenant_id)s
                and edge.left_key = known.left_key
                and edge.right_key = known.right_key
        )

)

insert into cdp.identity_edges as known (
    tenant_id, left_key, right_key, left_kind, right_kind, state, customer_id, first_order_date, first_order_id, orders
)
select
    edge.tenant_id, edge.left_key, edge.right_key, edge.left_kind, edge.right_kind, edge.state, member.customer_id,
    edge.first_order_date, edge.first_order_id, edge.orders
from staging.identity_edges as edge
inner join staging.identity_members as member
    on edge.tenant_id = member.tenant_id and edge.left_key = member.key
where edge.tenant_id = %(tenant_id)s and member.tenant_id = %(tenant_id)s
on conflict (tenant_id, left_key, right_key) do update set
    (left_kind, right_kind, state, customer_id, first_order_date, first_order_id, orders)
    = (
        excluded.left_kind, excluded.right_kind, excluded.state, excluded.customer_id, excluded.first_order_date,
        excluded.first_order_id, excluded.orders
    )
where
    (
        known.left_kind, known.right_kind, known.state, known.customer_id, known.first_order_date,
        known.first_order_id, known.orders
    )
    is distinct from
    (
        excluded.left_kind, excluded.right_kind, excluded.state, excluded.customer_id, excluded.first_order_date,
        excluded.first_order_id, excluded.orders
    );
