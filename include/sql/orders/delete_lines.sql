-- orders/delete_lines.sql: forget the lines of orders about to be written
-- grain:       all lines of an order in one table; an edit may have removed some
-- parameters:  tenant_id, batch_id, relation (the table), differing (only orders found to differ there, see
--              staging.order_differences); name of the table: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes, together with orders/insert_lines.sql in one transaction
delete from cdp.{table} as line
using staging.orders as staged
where
    line.tenant_id = %(tenant_id)s
    and staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and line.order_id = staged.order_id
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
