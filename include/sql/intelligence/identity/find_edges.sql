-- intelligence/identity/find_edges.sql: staging.identity_orders, cdp.order_buyers -> staging.identity_edges
-- grain:       one row per pair: an order's own identifier, and each other that it shows
-- parameters:  tenant_id
-- idempotent:  yes
insert into staging.identity_edges (
    tenant_id, left_key, right_key, left_kind, right_kind, state, first_order_date, first_order_id, orders
)
select
    %(tenant_id)s, pair.left_key, pair.right_key, pair.left_kind, pair.right_kind,
    case
        when pair.is_weak then 'weak'
        when blocked.key is not null then 'blocked'
        when split.left_key is not null then 'split'
        else 'followed'
    end,
    pair.first_order_date,
    pair.first_order_id,
    pair.orders
from (
    select
        scope.key as left_key,
        scope.kind as left_kind,
        other.key as right_key,
        other.kind as right_kind,
        bool_and(scope.kind in ('company', 'phone') or other.kind = 'phone') as is_weak,
        min(scope.order_date) as first_order_date,
        (array_agg(scope.order_id order by scope.order_date, scope.order_id))[1] as first_order_id,
        count(*) as orders
    from staging.identity_orders as scope
    inner join cdp.order_buyers as buyer
        on scope.tenant_id = buyer.tenant_id and scope.order_id = buyer.order_id
    cross join lateral (
        values
        (buyer.document_key, 'document'), (buyer.email_key, 'email'), (buyer.profile_key, 'profile'),
        (buyer.phone_key, 'phone')
    ) as other (key, kind)
    where
        scope.tenant_id = %(tenant_id)s
        and buyer.tenant_id = %(tenant_id)s
        and scope.key is not null
        and other.key is not null
        and other.key <> scope.key
    group by scope.key, scope.kind, other.key, other.kind
) as pair
left join staging.identity_blocked as blocked
    on blocked.tenant_id = %(tenant_id)s and pair.right_key = blocked.key
left join cdp.identity_splits as split
    on
        split.tenant_id = %(tenant_id)s
        and split.left_key = least(pair.left_key, pair.right_key)
        and split.right_key = greatest(pair.left_key, pair.right_key)
on conflict do nothing;
