-- intelligence/identity/name_customers.sql: staging.identity_nodes, identity_components -> staging.identity_members
-- grain:       one row per identifier; a customer has the key of the identifier of theirs that was shown first
-- parameters:  tenant_id
-- idempotent:  yes
insert into staging.identity_members (
    tenant_id, key, kind, customer_id, first_order_date, first_order_id, orders
)
select
    node.tenant_id, node.key, node.kind,
    first_value(node.key) over (
        partition by component.component
        order by
            node.first_order_date, node.first_order_id,
            array_position(array['company', 'document', 'email', 'profile', 'phone'], node.kind), node.key
    ),
    node.first_order_date, node.first_order_id, node.orders
from staging.identity_nodes as node
inner join staging.identity_components as component
    on node.tenant_id = component.tenant_id and node.node_no = component.node_no
where node.tenant_id = %(tenant_id)s and component.tenant_id = %(tenant_id)s
on conflict do nothing;
