-- intelligence/runs/one.sql: a calculation that began
-- grain:       one row, or none
-- parameters:  tenant_id, run_id
-- idempotent:  read only
select as_of, everyone, sync_run_id, counts
from cdp.customer_calculations
where tenant_id = %(tenant_id)s and run_id = %(run_id)s;
