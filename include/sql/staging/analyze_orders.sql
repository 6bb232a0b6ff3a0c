-- staging/analyze_orders.sql: statistics of staging.orders
-- grain:       the table
-- parameters:  none
-- idempotent:  yes
analyze staging.orders;
