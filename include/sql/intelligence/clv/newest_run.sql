-- intelligence/clv/newest_run.sql: cdp.sync_runs -> the newest completed run of a shop
-- grain:       one row, null without one
-- parameters:  tenant_id
-- idempotent:  read only
select max(sync_run_id) as sync_run_id
from cdp.sync_runs
where tenant_id = %(tenant_id)s and status = 'completed';
