-- intelligence/journeys/analyze.sql: statistics of staging.journey_customers
-- grain:       the table
-- parameters:  none
-- idempotent:  yes; without them the planner takes a few customers for many, or the reverse
analyze staging.journey_customers;
