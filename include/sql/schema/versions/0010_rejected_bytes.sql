-- schema/versions/0010_rejected_bytes.sql: what was rejected is kept as served
-- grain:       none
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.rejected_orders
alter column payload type bytea using convert_to(payload, 'UTF8');

comment on column cdp.rejected_orders.order_id is 'The order asked for; "unreadable list row …" if VTEX listed one without an id that can be read.';
comment on column cdp.rejected_orders.payload is 'The document, or the row of the list, byte for byte as served; null if VTEX served none. Look at it: encode(payload, ''escape''), or convert_from(payload, ''UTF8'') if it is text.';
