-- schema/versions/0019_unread_fields.sql: what documents say and no column holds
-- grain:       stated in the table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.unread_fields (
    tenant_id integer not null references cdp.tenants,
    path text not null,
    kinds text[] not null,
    order_id text not null,
    last_change timestamptz not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    documents bigint not null,
    primary key (tenant_id, path)
);

comment on table cdp.unread_fields is 'Fields that VTEX''s documents have and no column holds: one row per (tenant_id, path), at most 2,000 of a tenant; those beyond are counted under one path, "…". Values are not kept.';
comment on column cdp.unread_fields.tenant_id is 'The shop.';
comment on column cdp.unread_fields.path is 'Where it stands, such as items[].additionalInfo.offeringInfo. Entries of customData.customApps have their app''s id; a key that is data, such as a number, is *.';
comment on column cdp.unread_fields.kinds is 'Kinds of its values: text, number, boolean, null, object or list (both empty).';
comment on column cdp.unread_fields.order_id is 'An order that had it when it was first seen: of several, the one that changed last.';
comment on column cdp.unread_fields.last_change is 'lastChange of that order. If that was before the register began, the field is no news: an old order was read late.';
comment on column cdp.unread_fields.first_seen_at is 'When a run first read it.';
comment on column cdp.unread_fields.last_seen_at is 'When a run last read it.';
comment on column cdp.unread_fields.documents is 'Documents that had it; one that is read again counts again.';
