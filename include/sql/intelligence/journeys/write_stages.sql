-- intelligence/journeys/write_stages.sql: staging.journey_events -> cdp.customer_journeys
-- grain:       one row per (tenant_id, customer_id); who has no order any more goes
-- parameters:  tenant_id, as_of, sync_run_id
-- idempotent:  yes
with gone as (

    delete from cdp.customer_journeys as known
    using staging.journey_customers as scope
    where
        known.tenant_id = %(tenant_id)s
        and scope.tenant_id = %(tenant_id)s
        and known.customer_id = scope.customer_id
        and not exists (
            select from staging.journey_events as event
            where event.tenant_id = %(tenant_id)s and event.customer_id = known.customer_id
        )

)

insert into cdp.customer_journeys as known (
    tenant_id, customer_id, stage, since, cause, order_id, next_transition_at, as_of, sync_run_id
)
select
    tenant_id, customer_id, stage, happened_at, cause, order_id, next_transition_at, %(as_of)s, %(sync_run_id)s
from staging.journey_events
where tenant_id = %(tenant_id)s and is_last
on conflict (tenant_id, customer_id) do update set
    (stage, since, cause, order_id, next_transition_at, as_of, sync_run_id)
    = (
        excluded.stage, excluded.since, excluded.cause, excluded.order_id, excluded.next_transition_at, excluded.as_of,
        excluded.sync_run_id
    )
where
    (known.stage, known.since, known.cause, known.order_id, known.next_transition_at)
    is distinct from
    (excluded.stage, excluded.since, excluded.cause, excluded.order_id, excluded.next_transition_at);
