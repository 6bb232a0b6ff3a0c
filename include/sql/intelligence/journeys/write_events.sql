-- intelligence/journeys/write_events.sql: staging.journey_events -> cdp.customer_journey_events
-- grain:       one row per transition; what did not happen, as is known now, goes
-- parameters:  tenant_id, as_of, sync_run_id
-- idempotent:  yes
with gone as (

    delete from cdp.customer_journey_events as known
    using staging.journey_customers as scope
    where
        known.tenant_id = %(tenant_id)s
        and scope.tenant_id = %(tenant_id)s
        and known.customer_id = scope.customer_id
        and not exists (
            select from staging.journey_events as event
            where
                event.tenant_id = %(tenant_id)s
                and event.customer_id = known.customer_id
                and event.happened_at = known.happened_at
                and event.stage = known.stage
        )

)

insert into cdp.customer_journey_events as known (
    tenant_id, customer_id, happened_at, stage, from_stage, cause, order_id, as_of, sync_run_id
)
select tenant_id, customer_id, happened_at, stage, from_stage, cause, order_id, %(as_of)s, %(sync_run_id)s
from staging.journey_events
where tenant_id = %(tenant_id)s
on conflict (tenant_id, customer_id, happened_at, stage) do update set
    (from_stage, cause, order_id, as_of, sync_run_id)
    = (excluded.from_stage, excluded.cause, excluded.order_id, excluded.as_of, excluded.sync_run_id)
where
    (known.from_stage, known.cause, known.order_id)
    is distinct from (excluded.from_stage, excluded.cause, excluded.order_id);
