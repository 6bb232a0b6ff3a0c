-- integrity/note_unread_fields.sql: unread fields of a batch's documents -> cdp.unread_fields
-- grain:       one row per (tenant_id, path); answers the paths that are news: seen first now, in an order that changed
--              more than a day after the first paths were seen
-- parameters:  tenant_id, as_of, most (paths of a tenant), paths, kinds (joined by spaces), order_ids, changed, seen
--              (numbers of documents; arrays of equal length)
-- idempotent:  yes, but for documents
with known as (

    select field.path, field.first_seen_at
    from cdp.unread_fields as field
    where field.tenant_id = %(tenant_id)s

),

page as (

    select
        listed.path,
        string_to_array(listed.kinds, ' ') as kinds,
        listed.order_id,
        listed.last_change,
        listed.documents,
        known.path is not null as is_known,
        count(*) filter (where known.path is null) over (order by listed.path) as fresh
    from unnest(
        %(paths)s::text[], %(kinds)s::text[], %(order_ids)s::text[], %(changed)s::timestamptz[], %(seen)s::bigint[]
    ) as listed (path, kinds, order_id, last_change, documents)
    left join known on listed.path = known.path

),

size as (

    select count(*) as paths, min(first_seen_at) as begun_at
    from known

),

bounded as (

    select
        case when page.is_known or page.fresh <= %(most)s - size.paths then page.path else '…' end as path,
        page.kinds,
        page.order_id,
        page.last_change,
        page.documents
    from page
    cross join size

),

folded as (

    select
        bounded.path,
        array_agg(distinct each.kind) as kinds,
        min(bounded.order_id) as order_id,
        max(bounded.last_change) as last_change,
        max(bounded.documents) as documents
    from bounded
    cross join unnest(bounded.kinds) as each (kind)
    group by bounded.path

),

noted as (

    insert into cdp.unread_fields as field (
        tenant_id, path, kinds, order_id, last_change, first_seen_at, last_seen_at, documents
    )
    select
        %(tenant_id)s, folded.path, folded.kinds, folded.order_id, folded.last_change, %(as_of)s, %(as_of)s,
        folded.documents
    from folded
    order by folded.path
    on conflict (tenant_id, path) do update set
        -- of the row as it is now: another batch may have written it since
        kinds = array(
            select distinct each.kind
            from unnest(field.kinds || excluded.kinds) as each (kind)  -- noqa: RF01
            order by each.kind
        ),
        last_seen_at = greatest(field.last_seen_at, excluded.last_seen_at),
        documents = field.documents + excluded.documents
    returning field.path, field.last_change

)

select noted.path
from noted
left join known on noted.path = known.path
cross join size
where known.path is null and noted.last_change > size.begun_at + interval '1 day'
order by noted.path;
