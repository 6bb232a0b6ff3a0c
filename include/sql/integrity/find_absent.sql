-- integrity/find_absent.sql: staging.listings and cdp.order_events -> cdp.integrity_findings
-- grain:       one row per order that VTEX lists no longer, or that could not be brought
-- parameters:  tenant_id, batch_id (a full refresh that was merged), window_start, window_end
-- idempotent:  yes, but for found_at; after integrity/mark_vanished.sql
insert into cdp.integrity_findings (tenant_id, checked_at, order_id, kind, day, columns, is_healed)
select
    %(tenant_id)s, run.started_at, absent.order_id, absent.kind,
    (absent.created_at at time zone cdp.local_time_zone())::date, '{}', false
from cdp.sync_runs as run
inner join lateral (
    select orders.order_id, 'vanished' as kind, orders.order_date as created_at
    from cdp.order_events as orders
    where
        orders.tenant_id = %(tenant_id)s
        and orders.order_date >= %(window_start)s
        and orders.order_date < %(window_end)s
        and orders.vanished_at = run.started_at
    union all
    select listed.order_id, 'rejected', listed.created_at
    from staging.listings as listed
    where
        listed.tenant_id = %(tenant_id)s
        and listed.batch_id = %(batch_id)s
        and listed.created_at >= %(window_start)s
        and listed.created_at < %(window_end)s
        and not exists (
            select from cdp.order_events as orders
            where orders.tenant_id = %(tenant_id)s and orders.order_id = listed.order_id
        )
) as absent on true
where run.tenant_id = %(tenant_id)s and run.batch_id = %(batch_id)s
on conflict on constraint integrity_findings_once do nothing;
