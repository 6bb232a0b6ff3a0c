-- intelligence/runs/lock.sql: one calculation at a time per tenant, to the end of the transaction
-- grain:       one lock per tenant, another than the merge's, which never waits for it
-- parameters:  tenant_id
-- idempotent:  yes
select pg_advisory_xact_lock(hashtext('cdp.customers'), %(tenant_id)s);
