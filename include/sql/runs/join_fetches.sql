-- runs/join_fetches.sql: this session fetches for a tenant, until it ends
-- grain:       one shared lock per session
-- parameters:  tenant_id
-- idempotent:  yes
select pg_advisory_lock_shared(29539, %(tenant_id)s);
