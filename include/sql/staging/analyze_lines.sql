-- staging/analyze_lines.sql: statistics of a table of lines in staging
-- grain:       the table
-- parameters:  none; the table: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes
analyze staging.{table};
