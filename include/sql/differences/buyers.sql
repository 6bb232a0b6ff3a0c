-- differences/buyers.sql: staging.orders and cdp.order_buyers -> staging.order_differences
-- grain:       one row per document that shows another buyer than is stored
-- parameters:  tenant_id, batch_id, relation (the table); lists of columns: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes
insert into staging.order_differences (tenant_id, batch_id, document_no, relation, columns)
select
    %(tenant_id)s, %(batch_id)s, typed.document_no, %(relation)s,
    case when target.order_id is null then array['missing'] else array_remove(differing.names, null) end
from (
    select staged.document_no, staged.order_id, {staged}
    from staging.orders as staged
    where
        staged.tenant_id = %(tenant_id)s
        and staged.batch_id = %(batch_id)s
        and not staged.buyer_masked
) as typed (document_no, order_id, {columns})
left join cdp.{table} as target
    on target.tenant_id = %(tenant_id)s and typed.order_id = target.order_id
cross join lateral (values (array[{differing}])) as differing (names)
where target.order_id is null or ({typed}) is distinct from ({target})
on conflict do nothing;
