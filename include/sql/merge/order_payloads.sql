-- merge/order_payloads.sql: staging.orders -> cdp.order_payloads
-- grain:       one row per (tenant_id, order_id)
-- parameters:  tenant_id, batch_id, sync_run_id (only documents this run wrote to cdp.order_events)
-- idempotent:  yes; the same document is written again
insert into cdp.order_payloads (tenant_id, order_id, document)
select distinct on (staged.order_id) staged.tenant_id, staged.order_id, staged.payload
from staging.orders as staged
inner join cdp.order_events as stored
    on
        staged.tenant_id = stored.tenant_id
        and staged.order_id = stored.order_id
        and staged.last_change = stored.last_change
        and staged.fetched_at = stored.fetched_at
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and stored.sync_run_id = %(sync_run_id)s
order by staged.order_id asc, staged.document_no desc
on conflict (tenant_id, order_id) do update set document = excluded.document;
