-- orders/insert_lines.sql: lines in staging -> the table of cdp by the same name
-- grain:       one row per (tenant_id, order_id, number of the line)
-- parameters:  tenant_id, batch_id, relation (the table), differing (only orders found to differ there, see
--              staging.order_differences); name and columns: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes, after orders/delete_lines.sql in one transaction
insert into cdp.{table} (tenant_id, order_id, {columns})
select staged.tenant_id, staged.order_id, {staged}
from staging.orders as staged
inner join staging.{table} as line
    on
        staged.tenant_id = line.tenant_id
        and staged.batch_id = line.batch_id
        and staged.document_no = line.document_no
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and (
        not %(differing)s
        or exists (
            select from staging.order_differences as difference
            where
                difference.tenant_id = %(tenant_id)s
                and difference.batch_id = %(batch_id)s
                and difference.document_no = staged.document_no
                and difference.relation = %(relation)s
        )
    );
