-- differences/customers.sql: staging.orders and cdp.customers -> staging.order_differences
-- grain:       one row per document that should describe its customer, and does not
-- parameters:  tenant_id, batch_id, relation (the table); lists of columns: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes
insert into staging.order_differences (tenant_id, batch_id, document_no, relation, columns)
select
    %(tenant_id)s, %(batch_id)s, typed.document_no, %(relation)s,
    case
        when target.customer_id is null then array['missing']
        when
            (typed.order_date, typed.order_id) > (target.last_order_date, target.last_order_id)
            then array['last_order_date', 'last_order_id']
        else array_remove(differing.names, null)
    end
from (
    select staged.document_no, staged.customer_id, staged.order_date, staged.order_id, {staged}
    from staging.orders as staged
    where
        staged.tenant_id = %(tenant_id)s
        and staged.batch_id = %(batch_id)s
        and staged.customer_id is not null
        and not staged.buyer_masked
) as typed (document_no, customer_id, order_date, order_id, {columns})
left join cdp.{table} as target
    on target.tenant_id = %(tenant_id)s and typed.customer_id = target.customer_id
cross join lateral (values (array[{differing}])) as differing (names)
where
    target.customer_id is null
    or (typed.order_date, typed.order_id) > (target.last_order_date, target.last_order_id)
    or (
        (typed.order_date, typed.order_id) = (target.last_order_date, target.last_order_id)
        and ({typed}) is distinct from ({target})
    )
on conflict do nothing;
