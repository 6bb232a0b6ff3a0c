-- integrity/note_unread_fields.sql: unread fields of a batch's documents -> cdp.unread_fields
-- grain:       one row per (tenant_id, path); answers the paths that are news: seen first now, though others were seen
--              more than a day ago
-- parameters:  tenant_id, as_of, most (paths of a tenant), paths, kinds (joined by spaces), orders_first, seen (numbers
--              of documents; arrays of equal length)
-- idempotent:  yes, but for documents
with known as (

    select field.path, field.kinds, field.first_seen_at
    from cdp.unread_fields as field
    where field.tenant_id = %(tenant_id)s

),

page as (

    select
        listed.path,
        string_to_array(listed.kinds, ' ') as kinds,
        listed.first_order_id,
        listed.documents,
        known.path is not null as is_known,
        count(*) filter (where known.path is null) over (order by listed.path) as fresh
    from unnest(
        %(paths)s::text[], %(kinds)s::text[], %(orders_first)s::text[], %(seen)s::bigint[]
    ) as listed (path, kinds, first_order_id, documents)
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
        page.first_order_id,
        page.documents
    from page
    cross join size

),

folded as (

    select
        bounded.path,
        array_agg(distinct each.kind) as kinds,
        min(bounded.first_order_id) as first_order_id,
        max(bounded.documents) as documents
    from bounded
    left join known on bounded.path = known.path
    cross join unnest(bounded.kinds || coalesce(known.kinds, '{}')) as each (kind)
    group by bounded.path

),

noted as (

    insert into cdp.unread_fields as field (
        tenant_id, path, kinds, first_order_id, first_seen_at, last_seen_at, documents
    )
    select
        %(tenant_id)s, folded.path, folded.kinds, folded.first_order_id, %(as_of)s, %(as_of)s, folded.documents
    from folded
    order by folded.path
    on conflict (tenant_id, path) do update set
        kinds = excluded.kinds,
        last_seen_at = greatest(field.last_seen_at, excluded.last_seen_at),
        documents = field.documents + excluded.documents
    returning field.path, field.first_seen_at = %(as_of)s as is_new

)

select noted.path
from noted
left join known on noted.path = known.path
cross join size
where noted.is_new and known.path is null and size.begun_at < %(as_of)s::timestamptz - interval '1 day'
order by noted.path;
