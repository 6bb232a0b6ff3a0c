-- integrity/forget_findings.sql: evidence older than ninety days
-- grain:       one row per finding
-- parameters:  tenant_id, as_of
-- idempotent:  yes
delete from cdp.integrity_findings
where tenant_id = %(tenant_id)s and checked_at < %(as_of)s::timestamptz - interval '90 days';
