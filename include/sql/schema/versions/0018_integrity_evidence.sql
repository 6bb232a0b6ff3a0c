-- schema/versions/0018_integrity_evidence.sql: what a refresh proves of each day, and the orders that it found wrong
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

drop table cdp.integrity_checks;

create table cdp.integrity_checks (
    tenant_id integer not null references cdp.tenants,
    checked_at timestamptz not null,
    day date not null,
    sync_run_id bigint not null,
    compared_at timestamptz not null,
    listed integer,
    stored integer,
    rejected integer not null,
    missing integer not null,
    stale integer not null,
    wrong integer not null,
    wrong_status integer not null,
    wrong_money integer not null,
    wrong_dates integer not null,
    wrong_items integer not null,
    wrong_customer integer not null,
    wrong_lines integer not null,
    wrong_version integer not null,
    wrong_document integer not null,
    wrong_other integer not null,
    unhealed integer not null,
    drifted integer not null,
    vanished integer not null,
    value_drift numeric(18, 2) not null,
    primary key (tenant_id, checked_at, day),
    check (listed = stored + rejected)
);

comment on table cdp.integrity_checks is 'What a weekly refresh proves: one row per (tenant_id, checked_at, day of creation), compared order by order with VTEX''s list, and row by row with each order''s document. listed = stored + rejected. The orders are in cdp.integrity_findings.';
comment on column cdp.integrity_checks.tenant_id is 'The shop.';
comment on column cdp.integrity_checks.checked_at is 'When the refresh began.';
comment on column cdp.integrity_checks.day is 'Day, in Argentina, on which the orders were created.';
comment on column cdp.integrity_checks.sync_run_id is 'The refresh (cdp.sync_runs).';
comment on column cdp.integrity_checks.compared_at is 'When listed and stored orders were compared, after healing.';
comment on column cdp.integrity_checks.listed is 'Orders VTEX lists; null for a day before the refresh''s, which was not listed.';
comment on column cdp.integrity_checks.stored is 'Of those, orders stored after the refresh; null where listed is.';
comment on column cdp.integrity_checks.rejected is 'Of those, orders that could not be brought (cdp.rejected_orders).';
comment on column cdp.integrity_checks.missing is 'Orders that were not here, and that the refresh brought.';
comment on column cdp.integrity_checks.stale is 'Orders of which VTEX had a newer version, and that the refresh brought up to date.';
comment on column cdp.integrity_checks.wrong is 'Orders of which something stored was not as in VTEX''s document of that version. Each is counted once here, and once under each kind below.';
comment on column cdp.integrity_checks.wrong_status is 'Of those, orders with a wrong status or cancel reason.';
comment on column cdp.integrity_checks.wrong_money is 'Of those, orders with a wrong total or currency.';
comment on column cdp.integrity_checks.wrong_dates is 'Of those, orders with a wrong date of creation, authorization or invoice.';
comment on column cdp.integrity_checks.wrong_items is 'Of those, orders with a line that is wrong, lacking or too many.';
comment on column cdp.integrity_checks.wrong_customer is 'Of those, orders with a wrong customer, or with one described wrongly.';
comment on column cdp.integrity_checks.wrong_lines is 'Of those, orders with a wrong payment, package or other part of theirs.';
comment on column cdp.integrity_checks.wrong_version is 'Of those, orders whose last_change was wrong.';
comment on column cdp.integrity_checks.wrong_document is 'Of those, orders whose document was lacking, or was none of theirs.';
comment on column cdp.integrity_checks.wrong_other is 'Of those, orders with another wrong column.';
comment on column cdp.integrity_checks.unhealed is 'Orders that stay missing, stale or wrong: VTEX serves no document of them that can be read.';
comment on column cdp.integrity_checks.drifted is 'Of missing, stale and wrong ones, those an earlier sync should have brought: all wrong ones, and others whose time was covered and which had not changed since the last sync.';
comment on column cdp.integrity_checks.vanished is 'Stored orders that VTEX lists no longer, found so for the first time.';
comment on column cdp.integrity_checks.value_drift is 'Sum of what the totals of missing, stale and wrong orders were off by, each without its sign.';

create table cdp.integrity_findings (
    tenant_id integer not null references cdp.tenants,
    finding_id bigint generated always as identity,
    checked_at timestamptz,
    order_id text not null,
    kind text not null check (
        kind in (
            'missing', 'stale', 'status', 'money', 'dates', 'items', 'customer', 'lines', 'version', 'document',
            'other', 'vanished', 'rejected'
        )
    ),
    day date not null,
    columns text[] not null,
    is_healed boolean not null,
    off_by numeric(18, 2) not null default 0,
    found_at timestamptz not null default now(),
    primary key (tenant_id, finding_id),
    constraint integrity_findings_once unique nulls not distinct (tenant_id, checked_at, order_id, kind)
);

comment on table cdp.integrity_findings is 'Evidence of cdp.integrity_checks: once for each (tenant_id, checked_at, order_id, kind). Names columns, never values. Kept for ninety days.';
comment on column cdp.integrity_findings.tenant_id is 'The shop.';
comment on column cdp.integrity_findings.finding_id is 'Number of the finding.';
comment on column cdp.integrity_findings.checked_at is 'The refresh that counts it (cdp.integrity_checks); null until one has compared.';
comment on column cdp.integrity_findings.order_id is 'The order.';
comment on column cdp.integrity_findings.kind is 'What was wrong: a column of cdp.integrity_checks, without wrong_.';
comment on column cdp.integrity_findings.day is 'Day, in Argentina, on which the order was created.';
comment on column cdp.integrity_findings.columns is 'Tables and columns that differed, such as order_events.status; empty where the order itself was missing, vanished or rejected.';
comment on column cdp.integrity_findings.is_healed is 'Whether it is right now.';
comment on column cdp.integrity_findings.off_by is 'By how much the stored total differed, without its sign; of a missing order its total. Under one kind of an order only.';
comment on column cdp.integrity_findings.found_at is 'When it was found.';

alter table staging.listings drop column stored_total;
alter table staging.listings drop column stored_last_change;
comment on table staging.listings is 'What VTEX listed to a full refresh: one row per (tenant_id, batch_id, order_id). Unlogged: a refresh can always list again.';
