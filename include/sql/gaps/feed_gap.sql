-- gaps/feed_gap.sql: cdp.sync_checkpoints -> since when changes were not reported
-- grain:       one row; null where the feed left no gap
-- parameters:  tenant_id, before (gaps that end after it are a later run's)
-- idempotent:  read only
select min(window_start) as since
from cdp.sync_checkpoints
where
    tenant_id = %(tenant_id)s
    and sync_type = 'feed'
    and status = 'failed'
    and window_end <= %(before)s;
