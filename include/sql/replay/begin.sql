-- replay/begin.sql: a replay begins, or goes on where it was interrupted -> cdp.replays
-- grain:       one row; answers it
-- parameters:  tenant_id, batch_id, orders_from, orders_to, typing_version
-- idempotent:  yes, but for updated_at
insert into cdp.replays as replay (tenant_id, batch_id, orders_from, orders_to, typing_version)
values (%(tenant_id)s, %(batch_id)s, %(orders_from)s, %(orders_to)s, %(typing_version)s)
on conflict (tenant_id, batch_id) do update set
    orders_from = excluded.orders_from,
    orders_to = excluded.orders_to,
    typing_version = excluded.typing_version,
    updated_at = now()
returning after_date, after_id, typed, written, rejected, differences;
