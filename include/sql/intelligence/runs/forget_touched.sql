-- intelligence/runs/forget_touched.sql: every step is done: cdp.customers_touched is emptied
-- grain:       all rows of the tenant
-- parameters:  tenant_id
-- idempotent:  yes
delete from cdp.customers_touched
where tenant_id = %(tenant_id)s;
