-- schema/functions/order_status_intervals.sql: versions and reported changes -> how long an order was in each status
-- grain:       one row per order and stretch of time in one status
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace view cdp.order_status_intervals with (security_invoker = true) as
with seen as (

    select tenant_id, order_id, last_change as moment, status, 1 as turn
    from cdp.order_versions
    where status <> ''
    union all
    select tenant_id, order_id, changed_at, to_state, 0
    from cdp.order_status_changes
    where to_state <> ''

),

compared as (

    select
        *,
        lag(status) over (partition by tenant_id, order_id order by moment, turn, status) as status_before
    from seen

),

entered as (

    select tenant_id, order_id, status, moment, turn
    from compared
    where status is distinct from status_before

)

select
    tenant_id,
    order_id,
    status,
    moment as since,
    lead(moment) over (partition by tenant_id, order_id order by moment, turn, status) as until,
    lead(moment) over (partition by tenant_id, order_id order by moment, turn, status) - moment as duration
from entered;

comment on view cdp.order_status_intervals is 'How long an order was in each status, from its versions and from the changes that feed and hook reported: one row per (tenant_id, order_id, since). A status that an order came back to has a row for each time.';
comment on column cdp.order_status_intervals.tenant_id is 'The shop.';
comment on column cdp.order_status_intervals.order_id is 'The order.';
comment on column cdp.order_status_intervals.status is 'The status.';
comment on column cdp.order_status_intervals.since is 'When it was first seen in it: exact where feed or hook reported the change, else the lastChange of the first version that has it, which may be later. Of two at the same moment the reported one comes first.';
comment on column cdp.order_status_intervals.until is 'When it came into the next; null while it is in this one.';
comment on column cdp.order_status_intervals.duration is 'until - since.';
