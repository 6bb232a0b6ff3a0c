-- listing/note_list.sql: what a run saw of the order list -> cdp.order_lists
-- grain:       one row per tenant
-- parameters:  tenant_id, as_of (the run's moment), rows_with_last_change (all, some or none)
-- idempotent:  yes; an older run that is cleared changes nothing
insert into cdp.order_lists as known (tenant_id, rows_with_last_change, noticed_at, seen_at)
values (%(tenant_id)s, %(rows_with_last_change)s, %(as_of)s, %(as_of)s)
on conflict (tenant_id) do update set
    rows_with_last_change = excluded.rows_with_last_change,
    noticed_at = case
        when known.rows_with_last_change = excluded.rows_with_last_change then known.noticed_at
        else excluded.noticed_at
    end,
    seen_at = excluded.seen_at
where known.seen_at <= excluded.seen_at;
