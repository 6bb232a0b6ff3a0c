-- schema/versions/0011_order_hostname.sql: shops whose orders name another account than the one that serves them
-- grain:       none
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.tenants add column order_hostname text;

comment on column cdp.tenants.order_hostname is 'What the shop''s orders name as their hostname, if not vtex_account: a franchise may name its main account. Documents that name another account are not merged.';
