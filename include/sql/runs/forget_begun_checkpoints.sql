-- runs/forget_begun_checkpoints.sql: windows begun once and covered otherwise since are nobody's business any more
-- grain:       one row per (tenant_id, sync_type, window_start, window_end)
-- parameters:  tenant_id
-- idempotent:  yes; what failed in them stays in cdp.sync_runs
delete from cdp.sync_checkpoints as checkpoint
using cdp.sync_coverage as coverage
where
    checkpoint.tenant_id = %(tenant_id)s
    and coverage.tenant_id = %(tenant_id)s
    and checkpoint.status in ('running', 'failed')
    and checkpoint.sync_type <> 'feed'
    and coverage.covered @> tstzrange(checkpoint.window_start, checkpoint.window_end);
