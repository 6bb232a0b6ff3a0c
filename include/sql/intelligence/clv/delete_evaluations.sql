-- intelligence/clv/delete_evaluations.sql: forgets what a training judged, before it judges again
-- grain:       one row per (tenant_id, as_of, method)
-- parameters:  tenant_id, as_of
-- idempotent:  yes
delete from cdp.clv_evaluations
where tenant_id = %(tenant_id)s and as_of = %(as_of)s;
