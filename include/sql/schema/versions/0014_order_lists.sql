-- schema/versions/0014_order_lists.sql: what is noticed of an account: whether its list says when an order changed
-- grain:       cdp.order_lists holds one row per tenant
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.order_lists (
    tenant_id integer primary key references cdp.tenants,
    rows_with_last_change text not null check (rows_with_last_change in ('all', 'some', 'none')),
    noticed_at timestamptz not null,
    seen_at timestamptz not null,
    check (noticed_at <= seen_at)
);

comment on table cdp.order_lists is 'What syncs notice of each tenant''s order list at VTEX, one row per tenant. Where not all rows carry lastChange, orders are read again once a day.';
comment on column cdp.order_lists.tenant_id is 'The shop.';
comment on column cdp.order_lists.rows_with_last_change is 'Rows of the list that carried lastChange in the latest sync: all, some or none. Without it, a row does not show deliveries, tracking or returns.';
comment on column cdp.order_lists.noticed_at is 'Moment of the first run that saw it so.';
comment on column cdp.order_lists.seen_at is 'Moment of the latest run that saw rows.';
