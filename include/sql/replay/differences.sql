-- replay/differences.sql: staging.order_differences -> in what the orders of a batch differ
-- grain:       one row per relation and column
-- parameters:  tenant_id, batch_id
-- idempotent:  read only
select
    difference.relation || '.' || differing.name as place,
    count(*) as orders
from staging.order_differences as difference
cross join lateral unnest(difference.columns) as differing (name)
where difference.tenant_id = %(tenant_id)s and difference.batch_id = %(batch_id)s
group by place
order by place;
