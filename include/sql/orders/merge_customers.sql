-- orders/merge_customers.sql: staging.orders -> cdp.customers
-- grain:       one row per (tenant_id, customer_id)
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there); lists of columns: see
--              cdp_sync/rows/merged_columns.py
-- idempotent:  yes; the customer is described as in the latest order that shows who bought, so a replay changes
--              nothing
insert into cdp.customers as target (
    tenant_id, customer_id, last_order_date, last_order_id, {columns}
)
select distinct on (staged.customer_id)
    staged.tenant_id, staged.customer_id, staged.order_date, staged.order_id, {staged}
from staging.orders as staged
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and staged.customer_id is not null
    and not staged.buyer_masked
order by staged.customer_id asc, staged.order_date desc, staged.order_id desc, staged.document_no desc
on conflict (tenant_id, customer_id) do update set
    (last_order_date, last_order_id, synced_at, {columns})
    = (excluded.last_order_date, excluded.last_order_id, now(), {excluded})
where
    (excluded.last_order_date, excluded.last_order_id) >= (target.last_order_date, target.last_order_id)
    and (excluded.last_order_date, excluded.last_order_id, {excluded})
    is distinct from (target.last_order_date, target.last_order_id, {target});
