-- runs/last_completed_end.sql: cdp.sync_checkpoints -> end of the last completed incremental window before a run
-- grain:       one row, null where there is none
-- parameters:  tenant_id, before (exclusive: the run's own window must not move when the run is cleared)
-- idempotent:  read only
select max(window_end) as window_end
from cdp.sync_checkpoints
where
    tenant_id = %(tenant_id)s
    and sync_type = 'incremental'
    and status = 'completed'
    and window_end < %(before)s;
