-- staging/reject_order.sql: a document that cannot be typed or served -> cdp.rejected_orders
-- grain:       one row per (tenant_id, order_id)
-- parameters:  tenant_id, order_id, reason, payload (null where VTEX served none), batch_id
-- idempotent:  yes, but for last_rejected_at; a payload once kept is not lost to a later answer without one
insert into cdp.rejected_orders as rejected (tenant_id, order_id, reason, payload, batch_id)
values (%(tenant_id)s, %(order_id)s, %(reason)s, %(payload)s, %(batch_id)s)
on conflict (tenant_id, order_id) do update set
    reason = excluded.reason,
    payload = coalesce(excluded.payload, rejected.payload),
    batch_id = excluded.batch_id,
    last_rejected_at = now(),
    resolved_at = null;
