-- schema/versions/0024_journeys.sql: stages of customers
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.journey_thresholds (
    tenant_id integer not null,
    month date not null,
    interval_days integer not null,
    vip_net numeric(18, 2),
    primary key (tenant_id, month)
);

comment on table cdp.journey_thresholds is 'What is usual in a shop, for the orders of a month: one row per (tenant_id, month), made of the orders of the year before it, so that the past is judged by what was known then.';
comment on column cdp.journey_thresholds.tenant_id is 'The shop.';
comment on column cdp.journey_thresholds.month is 'First day of the month, in Argentina.';
comment on column cdp.journey_thresholds.interval_days is 'Usual interval: median of the days between one order of a customer and the next within the year, in whole days; 60 if fewer than thirty are known. customer_settings.usual_interval_days in its place, if set.';
comment on column cdp.journey_thresholds.vip_net is 'Net revenue of a customer in the year that the best share (customer_settings.vip_share) reached, rounded up to two digits; null with fewer than twenty customers.';

create table cdp.customer_journeys (
    tenant_id integer not null,
    customer_id uuid not null,
    stage text not null,
    since timestamptz not null,
    cause text not null,
    order_id text not null,
    next_transition_at timestamptz,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, customer_id)
);

create index customer_journeys_by_next on cdp.customer_journeys (tenant_id, next_transition_at);
create index customer_journeys_by_stage on cdp.customer_journeys (tenant_id, stage);

comment on table cdp.customer_journeys is 'Stage of each customer: one row per (tenant_id, customer_id).';
comment on column cdp.customer_journeys.tenant_id is 'The shop.';
comment on column cdp.customer_journeys.customer_id is 'The customer.';
comment on column cdp.customer_journeys.stage is 'Prospect, New, Active, Loyal, VIP, At Risk, Dormant or Reactivated.';
comment on column cdp.customer_journeys.since is 'When it began.';
comment on column cdp.customer_journeys.cause is 'order, or time: nothing was ordered for so long.';
comment on column cdp.customer_journeys.order_id is 'The order that caused it, or the last before the silence that did.';
comment on column cdp.customer_journeys.next_transition_at is 'When silence will move the customer on; null if it will not.';
comment on column cdp.customer_journeys.as_of is 'Moment of the calculation that last changed the row.';
comment on column cdp.customer_journeys.sync_run_id is 'The newest sync run behind that calculation.';

create table cdp.customer_journey_events (
    tenant_id integer not null,
    customer_id uuid not null,
    happened_at timestamptz not null,
    stage text not null,
    from_stage text,
    cause text not null,
    order_id text not null,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, customer_id, happened_at, stage)
);

comment on table cdp.customer_journey_events is 'Transitions between stages: one row per (tenant_id, customer_id, happened_at, stage). Append-only, unless an order of the past changes: then it is as if it had always been so.';
comment on column cdp.customer_journey_events.tenant_id is 'The shop.';
comment on column cdp.customer_journey_events.customer_id is 'The customer.';
comment on column cdp.customer_journey_events.happened_at is 'When the order was made, or the silence became too long.';
comment on column cdp.customer_journey_events.stage is 'The stage from then on.';
comment on column cdp.customer_journey_events.from_stage is 'The stage before; null for the first.';
comment on column cdp.customer_journey_events.cause is 'order or time.';
comment on column cdp.customer_journey_events.order_id is 'The order that caused it, or the last before the silence that did.';
comment on column cdp.customer_journey_events.as_of is 'Moment of the calculation that wrote the row.';
comment on column cdp.customer_journey_events.sync_run_id is 'The newest sync run behind that calculation.';

create unlogged table staging.journey_customers (
    tenant_id integer not null,
    customer_id uuid not null,
    primary key (tenant_id, customer_id)
);

comment on table staging.journey_customers is 'Customers whose journey is calculated: one row per (tenant_id, customer_id).';
comment on column staging.journey_customers.tenant_id is 'The shop.';
comment on column staging.journey_customers.customer_id is 'The customer.';

create unlogged table staging.journey_events (
    tenant_id integer not null,
    customer_id uuid not null,
    happened_at timestamptz not null,
    stage text not null,
    from_stage text,
    cause text not null,
    order_id text not null,
    next_transition_at timestamptz,
    is_last boolean not null,
    primary key (tenant_id, customer_id, happened_at, stage)
);

comment on table staging.journey_events is 'Their transitions, calculated anew: one row per (tenant_id, customer_id, happened_at, stage). Columns as in cdp.customer_journey_events.';
comment on column staging.journey_events.tenant_id is 'The shop.';
comment on column staging.journey_events.customer_id is 'The customer.';
comment on column staging.journey_events.happened_at is 'As in cdp.customer_journey_events.';
comment on column staging.journey_events.stage is 'As in cdp.customer_journey_events.';
comment on column staging.journey_events.from_stage is 'As in cdp.customer_journey_events.';
comment on column staging.journey_events.cause is 'As in cdp.customer_journey_events.';
comment on column staging.journey_events.order_id is 'As in cdp.customer_journey_events.';
comment on column staging.journey_events.next_transition_at is 'When silence moves the customer on from there, if that is still to come.';
comment on column staging.journey_events.is_last is 'The customer is in this stage now.';
