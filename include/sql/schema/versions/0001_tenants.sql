-- schema/versions/0001_tenants.sql: the schemas and the shops
-- grain:       cdp.tenants holds one row per shop
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create schema cdp;
comment on schema cdp is 'The customer data platform: orders and everything derived from them. Every key leads with tenant_id.';

create schema staging;
comment on schema staging is 'Typed documents of a run on their way from landing to cdp. Unlogged: a run can always stage again.';

create table cdp.tenants (
    tenant_id integer primary key,
    tenant_name text not null unique,
    slug text not null unique,
    vtex_account text not null,
    is_active boolean not null default true,
    sync_enabled boolean not null default true,
    sync_frequency_hours integer not null default 6,
    last_sync_at timestamptz,
    go_live_date date not null,
    initial_sync_completed boolean not null default false,
    change_lookback_days integer not null default 14,
    feed_enabled boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint sync_frequency_hours_divides_a_day check (sync_frequency_hours in (1, 2, 3, 4, 6, 8, 12, 24)),
    constraint change_lookback_days_in_range check (change_lookback_days between 1 and 90)
);

comment on table cdp.tenants is 'Shops. The one source of truth about tenants: a row (and its Airflow connection vtex_<slug>) makes the tenant''s DAGs appear.';
comment on column cdp.tenants.tenant_id is 'Key of the shop in every table.';
comment on column cdp.tenants.tenant_name is 'The shop''s name as people write it.';
comment on column cdp.tenants.slug is 'Snake case; names the DAGs (cdp_orders__<slug>), the connection (vtex_<slug>) and the landing folder.';
comment on column cdp.tenants.vtex_account is 'VTEX account name, as in https://<account>.vtexcommercestable.com.br.';
comment on column cdp.tenants.is_active is 'False removes the tenant''s DAGs.';
comment on column cdp.tenants.sync_enabled is 'False has the tenant''s runs skipped, visibly.';
comment on column cdp.tenants.sync_frequency_hours is 'Hours between incremental syncs, counted from midnight in Argentina; a divisor of 24.';
comment on column cdp.tenants.last_sync_at is 'The instant up to which the last successful incremental sync asked VTEX.';
comment on column cdp.tenants.go_live_date is 'First day, in Argentina, whose orders belong in the platform.';
comment on column cdp.tenants.initial_sync_completed is 'True once no gap is left between go_live_date and now.';
comment on column cdp.tenants.change_lookback_days is 'How many days of creation dates an incremental sync lists for updates; orders change for about 11 days.';
comment on column cdp.tenants.feed_enabled is 'True drains the tenant''s order feed as well.';
comment on column cdp.tenants.created_at is 'When the row was written.';
comment on column cdp.tenants.updated_at is 'When the row was last changed.';
