-- intelligence/clv/delete_staged.sql: empties staging.customer_clv
-- grain:       one row per (tenant_id, customer_id)
-- parameters:  tenant_id
-- idempotent:  yes
delete from staging.customer_clv
where tenant_id = %(tenant_id)s;
