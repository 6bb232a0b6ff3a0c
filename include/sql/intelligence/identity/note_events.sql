-- intelligence/identity/note_events.sql: staging.identity_members against cdp.customer_identifiers -> events
-- grain:       one row per customer that came or went, and per pair of customers that identifiers moved between;
--              answers the events
-- parameters:  tenant_id, as_of, sync_run_id
-- idempotent:  yes, but for cdp.customer_identity_events, where the same stands again until identifiers are written
with before as (

    select known.key, known.customer_id
    from staging.identity_customers as scope
    inner join cdp.customer_identifiers as known
        on scope.tenant_id = known.tenant_id and scope.customer_id = known.customer_id
    where scope.tenant_id = %(tenant_id)s and known.tenant_id = %(tenant_id)s

),

members as (

    select member.key, member.customer_id, member.first_order_date, member.first_order_id, before.customer_id as was_id
    from staging.identity_members as member
    left join before on member.key = before.key
    where member.tenant_id = %(tenant_id)s

),

after as (

    select
        customer_id,
        count(was_id) as known,
        (array_agg(first_order_id order by first_order_date, first_order_id))[1] as order_id
    from members
    group by customer_id

),

moved as (

    select
        pair.*, count(*) over (partition by pair.from_id) as heirs, count(*) over (partition by pair.to_id) as sources
    from (
        select was_id as from_id, customer_id as to_id
        from members
        where was_id is not null
        group by was_id, customer_id
    ) as pair

),

left_behind as (

    select distinct before.customer_id
    from before
    left join after on before.customer_id = after.customer_id
    where after.customer_id is null

),

joined as (

    select
        moved.from_id,
        moved.to_id,
        case
            when moved.heirs > 1 or left_behind.customer_id is null then 'split'
            when moved.sources > 1 then 'merged'
            else 'renamed'
        end as event
    from moved
    left join left_behind on moved.from_id = left_behind.customer_id
    where moved.from_id <> moved.to_id

),

crossing as (

    select
        one.was_id as one_id, other.was_id as other_id, one.customer_id as to_id, edge.left_key, edge.right_key,
        edge.first_order_date, edge.first_order_id
    from staging.identity_edges as edge
    inner join members as one on edge.left_key = one.key
    inner join members as other on edge.right_key = other.key
    where
        edge.tenant_id = %(tenant_id)s
        and edge.state = 'followed'
        and one.was_id is distinct from other.was_id

),

causes as (

    select distinct on (from_id, to_id) from_id, to_id, left_key, right_key, first_order_id
    from (
        select one_id as from_id, to_id, left_key, right_key, first_order_date, first_order_id from crossing
        union all
        select other_id, to_id, left_key, right_key, first_order_date, first_order_id from crossing
    ) as crossed
    where from_id is not null
    order by from_id asc, to_id asc, first_order_date desc, first_order_id desc, left_key asc, right_key asc

),

events as (

    select
        'created' as event, after.customer_id, null::uuid as from_id, null::uuid as left_key, null::uuid as right_key,
        after.order_id
    from after
    where after.known = 0
    union all
    select joined.event, joined.to_id, joined.from_id, causes.left_key, causes.right_key, causes.first_order_id
    from joined
    left join causes on joined.from_id = causes.from_id and joined.to_id = causes.to_id and joined.event = 'merged'
    union all
    select 'gone', left_behind.customer_id, null, null, null, null
    from left_behind
    left join moved on left_behind.customer_id = moved.from_id
    where moved.from_id is null

)

insert into cdp.customer_identity_events (
    tenant_id, event, customer_id, from_customer_id, left_key, right_key, order_id, as_of, sync_run_id
)
select
    %(tenant_id)s, events.event, events.customer_id, events.from_id, events.left_key, events.right_key,
    events.order_id, %(as_of)s, %(sync_run_id)s
from events
order by events.event, events.customer_id, events.from_id
returning event;
