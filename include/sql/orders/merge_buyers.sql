-- orders/merge_buyers.sql: staging.orders -> cdp.order_buyers
-- grain:       one row per (tenant_id, order_id), for each order just written whose buyer VTEX does not mask
-- parameters:  tenant_id, batch_id (what orders/merge_orders.sql left there); lists of columns: see
--              cdp_sync/rows/merged_columns.py
-- idempotent:  yes; what VTEX masks now stays as it was shown before
insert into cdp.order_buyers as target (tenant_id, order_id, {columns})
select staged.tenant_id, staged.order_id, {staged}
from staging.orders as staged
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and not staged.buyer_masked
on conflict (tenant_id, order_id) do update set ({columns}) = ({excluded})
where ({target}) is distinct from ({excluded});
