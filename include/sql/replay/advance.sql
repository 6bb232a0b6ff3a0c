-- replay/advance.sql: a batch of orders is typed again -> cdp.replays
-- grain:       one row per (tenant_id, batch_id)
-- parameters:  tenant_id, batch_id, after_date, after_id, typed, written, rejected, differences
-- idempotent:  yes, but for updated_at
update cdp.replays
set
    after_date = %(after_date)s,
    after_id = %(after_id)s,
    typed = %(typed)s,
    written = %(written)s,
    rejected = %(rejected)s,
    differences = %(differences)s::text::jsonb,
    updated_at = now()
where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s;
