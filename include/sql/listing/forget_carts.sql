-- listing/forget_carts.sql: what was listed as a cart, and is none of the orders to compare
-- grain:       one row per order
-- parameters:  tenant_id, batch_id, order_ids
-- idempotent:  yes
delete from staging.listings
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and order_id = any(%(order_ids)s);
