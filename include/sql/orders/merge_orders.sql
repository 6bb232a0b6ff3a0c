-- orders/merge_orders.sql: staging.orders -> cdp.order_events
-- grain:       one row per (tenant_id, order_id); answers one row: superseded, inserted, updated, unchanged.
--              Leaves in staging.orders only the documents it wrote, for the statements that follow
-- parameters:  tenant_id, batch_id, sync_run_id, healing (the document read last wins, whatever version a row claims,
--              and is written if anything of the order differs: staging.order_differences); lists of columns: see
--              cdp_sync/rows/merged_columns.py
-- idempotent:  yes; the newest last_change wins, or what was read last, so a replay or a late batch changes nothing.
--              Follows orders/keep_places.sql in one transaction
with batch as (

    -- ordered by key, so that rows are locked in one order
    select distinct on (order_id) *
    from staging.orders
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s
    order by
        order_id asc, case when %(healing)s then fetched_at end desc, last_change desc, fetched_at desc,
        document_no desc

),

chosen as (

    select batch.*
    from batch
    left join cdp.order_events as stored
        on stored.tenant_id = %(tenant_id)s and batch.order_id = stored.order_id
    left join cdp.order_fetches as latest
        on latest.tenant_id = %(tenant_id)s and batch.order_id = latest.order_id
    where
        not %(healing)s
        or stored.order_id is null
        or (
            batch.fetched_at >= latest.fetched_at
            and exists (
                select from staging.order_differences as difference
                where
                    difference.tenant_id = %(tenant_id)s
                    and difference.batch_id = %(batch_id)s
                    and difference.document_no = batch.document_no
            )
        )

),

written as (

    insert into cdp.order_events as target (
        tenant_id, order_id, fetched_at, sync_run_id, {columns}
    )
    select batch.tenant_id, batch.order_id, batch.fetched_at, %(sync_run_id)s, {staged}
    from chosen as batch
    on conflict (tenant_id, order_id) do update set
        (fetched_at, sync_run_id, synced_at, {columns})
        = (excluded.fetched_at, excluded.sync_run_id, now(), {excluded})
    where
        (
            %(healing)s
            or (
                (excluded.last_change, excluded.fetched_at) > (target.last_change, target.fetched_at)
                and ({excluded}) is distinct from ({target})
            )
        )
        -- Of one version, the document that shows who bought says more.
        and (not excluded.buyer_masked or target.buyer_masked or excluded.last_change <> target.last_change)
    returning target.order_id, (xmax = 0) as inserted

),

dropped as (

    -- not exists rather than not in, which PostgreSQL 15 runs once for each document
    delete from staging.orders as document
    where
        document.tenant_id = %(tenant_id)s
        and document.batch_id = %(batch_id)s
        and not exists (
            select from batch
            inner join written on batch.order_id = written.order_id
            where batch.document_no = document.document_no
        )

),

batched as (

    select count(*) as orders
    from batch

),

staged as (

    select count(*) as documents
    from staging.orders
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s

),

counts as (

    select
        count(*) filter (where inserted) as inserted,
        count(*) filter (where not inserted) as updated
    from written

)

select
    staged.documents - batched.orders as superseded,
    counts.inserted,
    counts.updated,
    batched.orders - counts.inserted - counts.updated as unchanged
from counts
cross join batched
cross join staged;
