-- schema/versions/0016_buyer_masked.sql: orders whose buyer VTEX masks
-- grain:       none
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.order_events add column buyer_masked boolean not null default false;
alter table staging.orders add column buyer_masked boolean not null default false;

comment on column cdp.order_events.buyer_masked is 'True if VTEX masked who bought in the latest document: it identifies nobody. Customer and delivery address are then those of an earlier document, or null.';
comment on column staging.orders.buyer_masked is 'As in cdp.order_events.';
