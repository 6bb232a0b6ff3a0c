-- schema/versions/0006_integrity.sql: the weekly proof that the copy is VTEX's
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.order_events add column vanished_at timestamptz;
comment on column cdp.order_events.vanished_at is 'When a full refresh found that VTEX lists the order no longer; null while it is listed. The order is kept.';

create table cdp.integrity_checks (
    tenant_id integer not null references cdp.tenants,
    checked_at timestamptz not null,
    day date not null,
    sync_run_id bigint not null,
    listed integer not null,
    stored integer not null,
    unhealed integer not null,
    missing_healed integer not null,
    stale_healed integer not null,
    drifted integer not null,
    vanished integer not null,
    value_drift numeric(18, 2) not null,
    primary key (tenant_id, checked_at, day)
);

comment on table cdp.integrity_checks is 'What a full refresh found, compared order by order with VTEX''s list: one row per (tenant_id, checked_at, day of creation). listed = stored + unhealed.';
comment on column cdp.integrity_checks.tenant_id is 'The shop.';
comment on column cdp.integrity_checks.checked_at is 'When the refresh began.';
comment on column cdp.integrity_checks.day is 'Day, in Argentina, on which the orders were created.';
comment on column cdp.integrity_checks.sync_run_id is 'The refresh (cdp.sync_runs).';
comment on column cdp.integrity_checks.listed is 'Orders VTEX lists.';
comment on column cdp.integrity_checks.stored is 'Of those, orders stored after the refresh.';
comment on column cdp.integrity_checks.unhealed is 'Of those, orders that could not be brought (cdp.rejected_orders).';
comment on column cdp.integrity_checks.missing_healed is 'Orders the refresh brought that were not here.';
comment on column cdp.integrity_checks.stale_healed is 'Orders the refresh brought up to date.';
comment on column cdp.integrity_checks.drifted is 'Of missing and stale ones, those an earlier sync should have brought: their time was covered, and they had not changed since the last sync.';
comment on column cdp.integrity_checks.vanished is 'Stored orders that VTEX lists no longer, found so for the first time.';
comment on column cdp.integrity_checks.value_drift is 'Sum of what the totals of missing and stale orders were off by, each without its sign.';

create unlogged table staging.listings (
    tenant_id integer not null,
    batch_id text not null,
    order_id text not null,
    created_at timestamptz not null,
    covered boolean not null,
    stored_total numeric(18, 2),
    stored_last_change timestamptz,
    primary key (tenant_id, batch_id, order_id)
);

comment on table staging.listings is 'What VTEX listed to a full refresh, and what was stored of it before: one row per (tenant_id, batch_id, order_id). Unlogged: a refresh can always list again.';
comment on column staging.listings.tenant_id is 'The shop.';
comment on column staging.listings.batch_id is 'The refresh (cdp.sync_runs).';
comment on column staging.listings.order_id is 'The order listed.';
comment on column staging.listings.created_at is 'Its creation time, as listed.';
comment on column staging.listings.covered is 'Whether the order''s creation time had been synced before.';
comment on column staging.listings.stored_total is 'Total stored before; null where the order was not here.';
comment on column staging.listings.stored_last_change is 'Version stored before; null where the order was not here.';
