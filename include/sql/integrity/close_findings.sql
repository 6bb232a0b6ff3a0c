-- integrity/close_findings.sql: findings since the tenant's last comparison belong to this one
-- grain:       one row per finding
-- parameters:  tenant_id, batch_id (a full refresh that was merged)
-- idempotent:  yes; they are not open a second time
update cdp.integrity_findings as finding
set
    checked_at = run.started_at,
    -- A document that was found lacking is there once a document of the order has been merged.
    is_healed = finding.is_healed or coalesce(orders.synced_at > finding.found_at, false)
from cdp.sync_runs as run
cross join cdp.integrity_findings as open
left join cdp.order_events as orders
    on orders.tenant_id = %(tenant_id)s and open.order_id = orders.order_id
where
    run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s
    and open.tenant_id = %(tenant_id)s and open.checked_at is null
    and finding.tenant_id = %(tenant_id)s and finding.finding_id = open.finding_id;
