-- inbox/note_configured.sql: a feed that holds changes from now on -> cdp.order_feeds, and a gap before it
-- grain:       one row per tenant; a checkpoint for the time since the last drain, none if there was none
-- parameters:  tenant_id, configuration (as VTEX has it), configured_at
-- idempotent:  yes, but for checked_at; a gap takes the place of those within it
with feed as (

    update cdp.order_feeds
    set
        state = 'active',
        reason = null,
        configuration = %(configuration)s::jsonb,
        configured_at = %(configured_at)s,
        checked_at = now()
    where tenant_id = %(tenant_id)s
    returning tenant_id, drained_at

),

gap as (

    select tenant_id, drained_at as window_start, %(configured_at)s::timestamptz as window_end
    from feed
    where drained_at < %(configured_at)s

),

within as (

    delete from cdp.sync_checkpoints as checkpoint
    using gap
    where
        checkpoint.tenant_id = gap.tenant_id
        and checkpoint.sync_type = 'feed'
        and checkpoint.window_start >= gap.window_start
        and checkpoint.window_end < gap.window_end

)

insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id, error)
select
    tenant_id, 'feed', window_start, window_end, 'failed', 'cdp_order_feed',
    'VTEX had dropped the feed: what changed in this time was not reported, the next incremental sync asks for it'
from gap
on conflict (tenant_id, sync_type, window_start, window_end) do nothing;
