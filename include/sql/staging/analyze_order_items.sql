-- staging/analyze_order_items.sql: statistics of staging.order_items
-- grain:       the table
-- parameters:  none
-- idempotent:  yes
analyze staging.order_items;
