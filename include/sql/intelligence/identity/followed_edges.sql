-- intelligence/identity/followed_edges.sql: staging.identity_edges -> numbers of the identifiers they connect
-- grain:       one row: the number of identifiers, and two arrays with a place for each followed edge
-- parameters:  tenant_id
-- idempotent:  read only
select
    (select count(*) from staging.identity_nodes as nodes
    where nodes.tenant_id = %(tenant_id)s) as nodes,
    coalesce(array_agg(from_node.node_no), '{}') as from_nos,
    coalesce(array_agg(to_node.node_no), '{}') as to_nos
from staging.identity_edges as edge
inner join staging.identity_nodes as from_node
    on edge.tenant_id = from_node.tenant_id and edge.left_key = from_node.key
inner join staging.identity_nodes as to_node
    on edge.tenant_id = to_node.tenant_id and edge.right_key = to_node.key
where
    edge.tenant_id = %(tenant_id)s
    and from_node.tenant_id = %(tenant_id)s
    and to_node.tenant_id = %(tenant_id)s
    and edge.state = 'followed';
