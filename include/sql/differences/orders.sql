-- differences/orders.sql: staging.orders and cdp.order_events -> staging.order_differences
-- grain:       one row per document whose order is stored otherwise
-- parameters:  tenant_id, batch_id, relation (the table); lists of columns: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes
insert into staging.order_differences (tenant_id, batch_id, document_no, relation, columns)
select %(tenant_id)s, %(batch_id)s, typed.document_no, %(relation)s, array_remove(differing.names, null)
from (
    select batch.document_no, batch.order_id, {staged}
    from staging.orders as batch
    where batch.tenant_id = %(tenant_id)s and batch.batch_id = %(batch_id)s
) as typed (document_no, order_id, {columns})
inner join cdp.{table} as target
    on target.tenant_id = %(tenant_id)s and typed.order_id = target.order_id
cross join lateral (values (array[{differing}])) as differing (names)
where ({typed}) is distinct from ({target})
on conflict do nothing;
