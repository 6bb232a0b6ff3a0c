-- intelligence/runs/count_step.sql: what a step did -> counts of cdp.customer_calculations
-- grain:       one row
-- parameters:  tenant_id, run_id, counts (JSON: numbers by name)
-- idempotent:  yes
update cdp.customer_calculations
set counts = counts || %(counts)s::jsonb
where tenant_id = %(tenant_id)s and run_id = %(run_id)s;
