-- schema/versions/0015_order_versions.sql: what was known of an order, and when
-- grain:       stated in the table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.order_versions (
    tenant_id integer not null references cdp.tenants,
    order_id text not null,
    fetched_at timestamptz not null,
    last_change timestamptz not null,
    status text,
    total numeric(18, 2),
    payment_state text,
    delivery_state text,
    source text not null check (source in ('document', 'report')),
    sync_run_id bigint,
    primary key (tenant_id, order_id, fetched_at)
);

comment on table cdp.order_versions is 'What was known of an order, and when: one row per (tenant_id, order_id, fetched_at), never changed. A document that says nothing new in these columns adds none.';
comment on column cdp.order_versions.tenant_id is 'The shop.';
comment on column cdp.order_versions.order_id is 'The order.';
comment on column cdp.order_versions.fetched_at is 'When VTEX served this version: from then on it was known. Of a report, when the change was made.';
comment on column cdp.order_versions.last_change is 'lastChange: when the order became so.';
comment on column cdp.order_versions.status is 'Status then.';
comment on column cdp.order_versions.total is 'Total then; null in a report.';
comment on column cdp.order_versions.payment_state is 'pending or authorized (the payment was approved); null in a report.';
comment on column cdp.order_versions.delivery_state is 'pending, invoiced, shipped (a package has a tracking number) or delivered (every outgoing package is); null in a report.';
comment on column cdp.order_versions.source is 'document, an order that was merged; or report, a change of state from before this table existed (cdp.order_status_changes).';
comment on column cdp.order_versions.sync_run_id is 'The run that merged it (cdp.sync_runs); null where that is not known.';

-- What is known of the time before this table.
do $$
declare
    shop integer;
begin
    for shop in select tenant_id from cdp.tenants order by tenant_id loop
        insert into cdp.order_versions (tenant_id, order_id, fetched_at, last_change, status, source)
        select tenant_id, order_id, changed_at, changed_at, to_state, 'report'
        from cdp.order_status_changes
        where tenant_id = shop
        on conflict do nothing;

        insert into cdp.order_versions (
            tenant_id, order_id, fetched_at, last_change, status, total, payment_state, delivery_state, source,
            sync_run_id
        )
        select
            tenant_id, order_id, fetched_at, last_change, status, total,
            case when authorized_at is null then 'pending' else 'authorized' end,
            case
                when tracking_number is not null then 'shipped'
                when invoiced_at is not null then 'invoiced'
                else 'pending'
            end,
            'document', sync_run_id
        from cdp.order_events
        where tenant_id = shop
        on conflict do nothing;
    end loop;
end
$$;
