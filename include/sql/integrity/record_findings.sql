-- integrity/record_findings.sql: staging.orders, staging.order_differences, cdp.order_events -> cdp.integrity_findings
-- grain:       one row per order and kind of what is about to be healed; answers one row: orders, the number of orders
--              about to be written
-- parameters:  tenant_id, batch_id, stored_documents (they are the stored ones, typed again; else VTEX has just served
--              them, and they are chosen as in orders/merge_orders.sql)
-- idempotent:  yes, but for found_at
with batch as (

    select distinct on (order_id) *
    from staging.orders
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s
    order by order_id asc, fetched_at desc, last_change desc, document_no desc

),

compared as (

    select
        batch.document_no,
        batch.order_id,
        (batch.order_date at time zone cdp.local_time_zone())::date as day,
        case
            when stored.order_id is null then 'missing'
            when stored.last_change < batch.last_change and not %(stored_documents)s then 'stale'
        end as whole,
        stored.typing_version <> batch.typing_version as typed_anew,
        abs(batch.total_cents * 0.01 - coalesce(stored.total, 0)) as off_by
    from batch
    left join cdp.order_events as stored
        on stored.tenant_id = %(tenant_id)s and batch.order_id = stored.order_id
    left join cdp.order_fetches as latest
        on latest.tenant_id = %(tenant_id)s and batch.order_id = latest.order_id
    where
        stored.order_id is null
        or %(stored_documents)s
        or (
            batch.fetched_at >= latest.fetched_at
            and (not batch.buyer_masked or stored.buyer_masked or batch.last_change <> stored.last_change)
        )

),

difference as (

    select staged.document_no, staged.relation, each.column_name
    from staging.order_differences as staged
    cross join unnest(staged.columns) as each (column_name)
    where staged.tenant_id = %(tenant_id)s and staged.batch_id = %(batch_id)s

),

differing as (

    select compared.*, difference.relation, difference.column_name
    from compared
    left join difference on compared.document_no = difference.document_no
    where compared.whole = 'missing' or difference.document_no is not null

),

found as (

    select
        order_id,
        day,
        coalesce(whole, cdp.finding_kind(relation, column_name)) as kind,
        coalesce(
            array_agg(distinct relation || '.' || column_name) filter (where whole is distinct from 'missing'), '{}'
        ) as columns,
        max(off_by) as off_by
    from differing
    where
        whole is not null
        -- What an older typing made is no damage; nor is a document in which VTEX put something unread otherwise.
        or (not typed_anew and (relation, column_name) <> ('order_payloads', 'document'))
    group by order_id, day, kind

),

recorded as (

    insert into cdp.integrity_findings as target (tenant_id, order_id, kind, day, columns, is_healed, off_by)
    select
        %(tenant_id)s, order_id, kind, day, columns, true,
        case when kind in ('missing', 'stale', 'money') then off_by else 0 end
    from found
    on conflict on constraint integrity_findings_once do update set
        day = excluded.day,
        columns = excluded.columns,
        is_healed = true,
        off_by = excluded.off_by

)

select count(distinct order_id) as orders
from differing;
