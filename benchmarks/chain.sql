-- 100,000 identifiers of tenant 1, 10,000 of which a chain of orders links: each shows the profile of one neighbour and
-- the address of the next. {from} and {until} bound the orders to make; {note} is 1 if they came by a sync.
with made as (
    select
        n,
        'c' || n as order_id,
        timestamptz '2026-01-01Z' + n * interval '1 minute' as moment,
        cdp.identifier_key(1, 'profile', case when n <= 10000 then 'p' || n / 2 else 'x' || n end) as profile_key,
        cdp.identifier_key(1, 'email', case when n <= 10000 then 'e' || (n + 1) / 2 else 'y' || n end) as email_key
    from generate_series({from}, {until}) as n
),
placed as (
    insert into cdp.order_events (
        tenant_id, order_id, status, order_date, last_change, seller_ids, total, item_count, unit_count, payment_count,
        fetched_at, sync_run_id, typing_version
    )
    select 1, order_id, 'invoiced', moment, moment, '{}', 100, 1, 1, 1, moment, 1, 4 from made
),
noted as (
    insert into cdp.order_changes (tenant_id, order_id, sync_run_id)
    select 1, order_id, 2 from made where {note} = 1
)
insert into cdp.order_buyers (tenant_id, order_id, profile_key, email_key)
select 1, order_id, profile_key, email_key from made
on conflict (tenant_id, order_id) do update set (profile_key, email_key) = (excluded.profile_key, excluded.email_key);
