-- runs/lock_tenant.sql: one merge at a time per tenant, to the end of the transaction
-- grain:       one lock per tenant; two merges of the same orders would otherwise wait for each other's rows
-- parameters:  tenant_id
-- idempotent:  yes
select pg_advisory_xact_lock(hashtext('cdp.merge'), %(tenant_id)s);
