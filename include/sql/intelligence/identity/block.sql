-- intelligence/identity/block.sql: cdp.order_buyers -> automatic rows of cdp.blocked_identifiers
-- grain:       one row per identifier that joins too many; looks at those that changed orders show, and at those
--              blocked so far. Answers the identifiers whose state changes
-- parameters:  tenant_id, as_of, sync_run_id, everyone
-- idempotent:  yes
with usual as (

    select coalesce((select identity_limit from cdp.customer_settings
    where tenant_id = %(tenant_id)s), 5) as most

),

shown as (

    select buyer.document_key, buyer.email_key, buyer.profile_key
    from staging.identity_orders as changed
    inner join cdp.order_buyers as buyer
        on changed.tenant_id = buyer.tenant_id and changed.order_id = buyer.order_id
    where changed.tenant_id = %(tenant_id)s and buyer.tenant_id = %(tenant_id)s

),

keys as (

    select document_key as key, 'document' as kind from shown
    where document_key is not null
    union
    select email_key, 'email' from shown
    where email_key is not null
    union
    select profile_key, 'profile' from shown
    where profile_key is not null
    union
    select key, kind from cdp.blocked_identifiers
    where tenant_id = %(tenant_id)s and decision = 'automatic'

),

joined as (

    select keys.key, keys.kind, buyer.document_key as other_key, buyer.order_id
    from keys
    inner join cdp.order_buyers as buyer
        on buyer.tenant_id = %(tenant_id)s and keys.key = buyer.email_key
    where keys.kind = 'email' and buyer.document_key is not null
    union all
    select keys.key, keys.kind, buyer.document_key, buyer.order_id
    from keys
    inner join cdp.order_buyers as buyer
        on buyer.tenant_id = %(tenant_id)s and keys.key = buyer.profile_key
    where keys.kind = 'profile' and buyer.document_key is not null
    union all
    select keys.key, keys.kind, buyer.email_key, buyer.order_id
    from keys
    inner join cdp.order_buyers as buyer
        on buyer.tenant_id = %(tenant_id)s and keys.key = buyer.document_key
    where keys.kind = 'document' and buyer.email_key is not null

),

counted as (

    select joined.key, joined.kind, count(distinct joined.other_key) as joins
    from joined
    inner join cdp.order_events as orders
        on
            orders.tenant_id = %(tenant_id)s
            and joined.order_id = orders.order_id
            and orders.vanished_at is null
            and orders.order_date < %(as_of)s
    group by joined.key, joined.kind

),

crowded as (

    select counted.key, counted.kind, counted.joins
    from counted
    cross join usual
    where counted.joins > usual.most

),

freed as (

    delete from cdp.blocked_identifiers as known
    where
        known.tenant_id = %(tenant_id)s
        and known.decision = 'automatic'
        and not exists (
            select from crowded
            where crowded.key = known.key
        )
    returning known.key

),

blocked as (

    insert into cdp.blocked_identifiers as known (tenant_id, key, kind, decision, joins, reason, as_of)
    select
        %(tenant_id)s, crowded.key, crowded.kind, 'automatic', crowded.joins,
        'joins more '
        || case crowded.kind when 'document' then 'e-mails' else 'documents' end
        || ' than one person has',
        %(as_of)s
    from crowded
    on conflict (tenant_id, key) do update set joins = excluded.joins
    where known.decision = 'automatic' and known.joins <> excluded.joins
    returning known.key, (xmax = 0) as is_new

),

changed as (

    select key, 'unblocked' as event from freed
    union all
    select key, 'blocked' from blocked
    where is_new

)

insert into cdp.customer_identity_events (tenant_id, event, left_key, as_of, sync_run_id)
select %(tenant_id)s, changed.event, changed.key, %(as_of)s, %(sync_run_id)s
from changed
order by changed.key
returning left_key as key;
