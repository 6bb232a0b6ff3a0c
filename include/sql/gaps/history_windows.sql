-- gaps/history_windows.sql: cdp.sync_gaps -> the next windows of a tenant's historical sync
-- grain:       one row per window, newest first
-- parameters:  tenant_id, as_of, length (interval), windows (at most so many)
-- idempotent:  read only
with gap as (

    select reachable
    from cdp.sync_gaps(%(as_of)s)
    where tenant_id = %(tenant_id)s

),

begun as (

    -- As it was cut when it was begun: its documents are landed under these bounds.
    select tstzrange(checkpoint.window_start, checkpoint.window_end) as bounds
    from cdp.sync_checkpoints as checkpoint
    cross join gap
    where
        checkpoint.tenant_id = %(tenant_id)s
        and checkpoint.sync_type = 'historical'
        and checkpoint.status in ('running', 'failed')
        and tstzrange(checkpoint.window_start, checkpoint.window_end) <@ gap.reachable

),

stretch as (

    select unnest(gap.reachable - coalesce((select range_agg(begun.bounds) from begun), '{}')) as bounds
    from gap

),

piece as (

    select
        tstzrange(
            greatest(lower(stretch.bounds), upper(stretch.bounds) - (number + 1) * %(length)s::interval),
            upper(stretch.bounds) - number * %(length)s::interval
        ) as bounds
    from stretch
    cross join lateral generate_series(
        0,
        ceil(
            extract(epoch from upper(stretch.bounds) - lower(stretch.bounds)) / extract(epoch from %(length)s::interval)
        )::integer - 1
    ) as number

)

select lower(bounds) as window_start, upper(bounds) as window_end
from (
    select bounds from begun
    union all
    select bounds from piece
) as planned
order by window_end desc
limit %(windows)s;
