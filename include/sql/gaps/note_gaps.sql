-- gaps/note_gaps.sql: cdp.sync_gaps -> what tenants and checkpoints say of them
-- grain:       one row per tenant (initial_sync_completed), one checkpoint per stretch of time VTEX has forgotten
-- parameters:  tenant_id (null for all tenants), as_of
-- idempotent:  yes
with gaps as (

    select tenant_id, unreachable, isempty(reachable) and not isempty(covered) as complete
    from cdp.sync_gaps(%(as_of)s)
    where tenant_id = %(tenant_id)s or %(tenant_id)s::integer is null

),

forgotten as (

    select gaps.tenant_id, lower(stretch.bounds) as window_start, upper(stretch.bounds) as window_end
    from gaps
    cross join lateral unnest(gaps.unreachable) as stretch (bounds)

),

no_longer as (

    delete from cdp.sync_checkpoints as checkpoint
    using gaps
    where
        checkpoint.tenant_id = gaps.tenant_id
        and checkpoint.status = 'unreachable'
        and (checkpoint.tenant_id, checkpoint.window_start, checkpoint.window_end) not in (select * from forgotten)

),

noted as (

    insert into cdp.sync_checkpoints as checkpoint (
        tenant_id, sync_type, window_start, window_end, status, attempts, batch_id, error
    )
    select
        tenant_id, 'historical', window_start, window_end, 'unreachable', 0, 'cdp_gap_detector',
        'older than two years: VTEX no longer serves these orders'
    from forgotten
    on conflict (tenant_id, sync_type, window_start, window_end) do update set
        status = excluded.status, error = excluded.error
    where checkpoint.status in ('running', 'failed')

)

update cdp.tenants
set initial_sync_completed = gaps.complete
from gaps
where tenants.tenant_id = gaps.tenant_id and tenants.initial_sync_completed <> gaps.complete;
