-- differences/products.sql: staging.order_items and cdp.products -> staging.order_differences
-- grain:       one row per document that should describe a SKU of its lines, and does not
-- parameters:  tenant_id, batch_id, relation (the table); lists of columns: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes
insert into staging.order_differences (tenant_id, batch_id, document_no, relation, columns)
select
    %(tenant_id)s, %(batch_id)s, typed.document_no, %(relation)s,
    array_agg(distinct differing.name order by differing.name)
from (
    select distinct on (line.document_no, line.sku_id)
        line.document_no, line.sku_id, staged.order_date, staged.order_id, {staged}
    from staging.orders as staged
    inner join staging.order_items as line
        on
            staged.tenant_id = line.tenant_id
            and staged.batch_id = line.batch_id
            and staged.document_no = line.document_no
    where
        staged.tenant_id = %(tenant_id)s
        and staged.batch_id = %(batch_id)s
        and line.sku_id is not null
    order by line.document_no asc, line.sku_id asc, line.item_index asc
) as typed (document_no, sku_id, order_date, order_id, {columns})
left join cdp.{table} as target
    on target.tenant_id = %(tenant_id)s and typed.sku_id = target.sku_id
cross join lateral unnest(
    case
        when target.sku_id is null then array['missing']
        when
            (typed.order_date, typed.order_id) > (target.last_order_date, target.last_order_id)
            then array['last_order_date', 'last_order_id']
        else array_remove(array[{differing}], null)
    end
) as differing (name)
where
    target.sku_id is null
    or (typed.order_date, typed.order_id) > (target.last_order_date, target.last_order_id)
    or (
        (typed.order_date, typed.order_id) = (target.last_order_date, target.last_order_id)
        and ({typed}) is distinct from ({target})
    )
group by typed.document_no
on conflict do nothing;
