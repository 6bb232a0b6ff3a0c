-- staging/delete_lines.sql: forget the lines of a staged batch
-- grain:       all rows of one (tenant_id, batch_id) in one table of lines
-- parameters:  tenant_id, batch_id; the table: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes
delete from staging.{table}
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
