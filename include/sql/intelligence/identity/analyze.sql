-- intelligence/identity/analyze.sql: statistics of staging.identity_*
-- grain:       the tables
-- parameters:  none
-- idempotent:  yes; without them the planner takes a few rows for many, or the reverse
analyze
staging.identity_orders, staging.identity_blocked, staging.identity_customers, staging.identity_edges,
staging.identity_nodes, staging.identity_components, staging.identity_members;
