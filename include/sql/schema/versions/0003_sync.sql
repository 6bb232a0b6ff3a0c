-- schema/versions/0003_sync.sql: what was synced, when, and what could not be
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.sync_runs (
    tenant_id integer not null references cdp.tenants,
    sync_run_id bigint generated always as identity,
    batch_id text not null,
    sync_type text not null,
    window_start timestamptz,
    window_end timestamptz,
    status text not null check (status in ('running', 'completed', 'failed', 'skipped')),
    listed integer,
    skipped integer,
    fetched integer,
    failed integer,
    staged integer,
    rejected integer,
    inserted integer,
    updated integer,
    unchanged integer,
    superseded integer,
    requests integer,
    throttled integer,
    seconds numeric(12, 3),
    error text,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, sync_run_id),
    unique (tenant_id, batch_id)
);

comment on table cdp.sync_runs is 'Runs: one row per window run of a tenant. listed = skipped + fetched + failed; fetched + failed = staged + rejected; staged = inserted + updated + unchanged + superseded.';
comment on column cdp.sync_runs.tenant_id is 'The shop.';
comment on column cdp.sync_runs.sync_run_id is 'Number of the run; cdp.order_events carries the run that wrote it.';
comment on column cdp.sync_runs.batch_id is '<dag_id>/<run_id>, and /<map index> for a mapped window.';
comment on column cdp.sync_runs.sync_type is 'incremental, historical, full or feed.';
comment on column cdp.sync_runs.window_start is 'First instant of the window.';
comment on column cdp.sync_runs.window_end is 'First instant after the window.';
comment on column cdp.sync_runs.status is 'running, completed, failed or skipped.';
comment on column cdp.sync_runs.listed is 'Distinct orders VTEX listed, or that were due for another look.';
comment on column cdp.sync_runs.skipped is 'Of those, unchanged since we read them, or left to the historical sync.';
comment on column cdp.sync_runs.fetched is 'Of those, documents landed.';
comment on column cdp.sync_runs.failed is 'Of those, documents VTEX would not serve.';
comment on column cdp.sync_runs.staged is 'Documents typed.';
comment on column cdp.sync_runs.rejected is 'Documents that could not be typed or served (cdp.rejected_orders).';
comment on column cdp.sync_runs.inserted is 'Orders new to us.';
comment on column cdp.sync_runs.updated is 'Orders that had changed.';
comment on column cdp.sync_runs.unchanged is 'Orders that were the same, or older than ours.';
comment on column cdp.sync_runs.superseded is 'Documents of which the batch itself held a newer version.';
comment on column cdp.sync_runs.requests is 'Requests sent to VTEX.';
comment on column cdp.sync_runs.throttled is 'Requests VTEX answered with 429.';
comment on column cdp.sync_runs.seconds is 'Time from the start of the fetch to the end of the merge.';
comment on column cdp.sync_runs.error is 'Why it failed or was skipped.';
comment on column cdp.sync_runs.started_at is 'Start of the fetch.';
comment on column cdp.sync_runs.finished_at is 'End of the merge, or of the failure.';

create table cdp.sync_checkpoints (
    tenant_id integer not null references cdp.tenants,
    sync_type text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    status text not null check (status in ('running', 'completed', 'failed')),
    attempts integer not null default 1,
    listed integer,
    fetched integer,
    rejected integer,
    landing_uri text,
    error text,
    batch_id text not null,
    started_at timestamptz not null default now(),
    completed_at timestamptz,
    primary key (tenant_id, sync_type, window_start, window_end),
    check (window_start < window_end)
);

comment on table cdp.sync_checkpoints is 'Checkpoints: one row per (tenant_id, sync_type, window). Completed rows are the coverage from which gaps are computed.';
comment on column cdp.sync_checkpoints.tenant_id is 'The shop.';
comment on column cdp.sync_checkpoints.sync_type is 'incremental, historical, full or feed.';
comment on column cdp.sync_checkpoints.window_start is 'First instant of the window.';
comment on column cdp.sync_checkpoints.window_end is 'First instant after the window.';
comment on column cdp.sync_checkpoints.status is 'running, completed or failed; a completed window stays completed while it is run again.';
comment on column cdp.sync_checkpoints.attempts is 'How often the window was begun.';
comment on column cdp.sync_checkpoints.listed is 'Distinct orders VTEX listed.';
comment on column cdp.sync_checkpoints.fetched is 'Documents landed.';
comment on column cdp.sync_checkpoints.rejected is 'Documents rejected.';
comment on column cdp.sync_checkpoints.landing_uri is 'Where the documents landed.';
comment on column cdp.sync_checkpoints.error is 'Why the last attempt failed.';
comment on column cdp.sync_checkpoints.batch_id is 'The run of the last attempt (cdp.sync_runs).';
comment on column cdp.sync_checkpoints.started_at is 'Start of the last attempt.';
comment on column cdp.sync_checkpoints.completed_at is 'When the window was first complete.';

create table cdp.order_fetches (
    tenant_id integer not null,
    order_id text not null,
    fetched_at timestamptz not null,
    listing_hash bigint,
    primary key (tenant_id, order_id)
);

comment on table cdp.order_fetches is 'When each order''s document was last read, changed or not: one row per (tenant_id, order_id). Decides what need not be read again.';
comment on column cdp.order_fetches.tenant_id is 'The shop.';
comment on column cdp.order_fetches.order_id is 'The order.';
comment on column cdp.order_fetches.fetched_at is 'When VTEX last served the document, by VTEX''s clock.';
comment on column cdp.order_fetches.listing_hash is 'Hash of the list row that caused the read, where VTEX''s list carries no lastChange.';

create table cdp.rejected_orders (
    tenant_id integer not null references cdp.tenants,
    order_id text not null,
    reason text not null,
    payload text,
    batch_id text not null,
    first_rejected_at timestamptz not null default now(),
    last_rejected_at timestamptz not null default now(),
    resolved_at timestamptz,
    primary key (tenant_id, order_id)
);

comment on table cdp.rejected_orders is 'Orders whose document could not be typed or served: one row per (tenant_id, order_id). Nothing is dropped: the document is kept here until a later one succeeds.';
comment on column cdp.rejected_orders.tenant_id is 'The shop.';
comment on column cdp.rejected_orders.order_id is 'The order asked for.';
comment on column cdp.rejected_orders.reason is 'What was wrong, in one sentence.';
comment on column cdp.rejected_orders.payload is 'The document as received; null where VTEX served none.';
comment on column cdp.rejected_orders.batch_id is 'The run that met it last.';
comment on column cdp.rejected_orders.first_rejected_at is 'When it was first rejected.';
comment on column cdp.rejected_orders.last_rejected_at is 'When it was last rejected.';
comment on column cdp.rejected_orders.resolved_at is 'When a later document of the order was merged; null while it is missing.';
