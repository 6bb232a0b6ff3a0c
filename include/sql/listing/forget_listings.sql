-- listing/forget_listings.sql: forget what was listed to the tenant's last refresh
-- grain:       all rows of one tenant
-- parameters:  tenant_id
-- idempotent:  yes
delete from staging.listings
where tenant_id = %(tenant_id)s;
