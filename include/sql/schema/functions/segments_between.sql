-- schema/functions/segments_between.sql: how many customers went from which segment to which
-- grain:       one row per pair of segments
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.segments_between(
    shop integer, days integer, from_moment timestamptz, to_moment timestamptz
) returns table (from_segment text, to_segment text, customers bigint)
language sql stable as $$
    with before as (
        select distinct on (customer_id) customer_id, segment
        from cdp.customer_rfm_history
        where tenant_id = shop and window_days = days and as_of <= from_moment
        order by customer_id, as_of desc
    ),

    after as (
        select distinct on (customer_id) customer_id, segment
        from cdp.customer_rfm_history
        where tenant_id = shop and window_days = days and as_of <= to_moment
        order by customer_id, as_of desc
    )

    select before.segment, after.segment, count(*)
    from before
    full join after on before.customer_id = after.customer_id
    where before.segment is not null or after.segment is not null
    group by before.segment, after.segment
    order by 3 desc, 1, 2
$$;
comment on function cdp.segments_between(integer, integer, timestamptz, timestamptz)
is 'Segment movement of a shop between two moments, for a window of cdp.customer_rfm: numbers of customers from segment to segment; null for none.';
