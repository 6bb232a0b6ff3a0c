-- schema/versions/0013_replays.sql: how far stored documents were typed again
-- grain:       stated in the table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.replays (
    tenant_id integer not null references cdp.tenants,
    batch_id text not null,
    orders_from timestamptz,
    orders_to timestamptz,
    typing_version integer not null,
    after_date timestamptz,
    after_id text,
    typed bigint not null default 0,
    written bigint not null default 0,
    rejected bigint not null default 0,
    differences jsonb not null default '{}',
    updated_at timestamptz not null default now(),
    completed_at timestamptz,
    primary key (tenant_id, batch_id)
);

comment on table cdp.replays is 'What cdp_replay and the weekly refresh found when they typed stored documents again: one row per (tenant_id, batch_id), kept while they run too, so that they go on where they were interrupted.';
comment on column cdp.replays.tenant_id is 'The shop.';
comment on column cdp.replays.batch_id is 'The run (cdp.sync_runs).';
comment on column cdp.replays.orders_from is 'First moment of creation; null: all from the beginning.';
comment on column cdp.replays.orders_to is 'Moment before which orders were created; null: all to the end.';
comment on column cdp.replays.typing_version is 'Version of the typing that read them.';
comment on column cdp.replays.after_date is 'order_date of the last order that was typed.';
comment on column cdp.replays.after_id is 'order_id of the last order that was typed.';
comment on column cdp.replays.typed is 'Orders whose document was typed.';
comment on column cdp.replays.written is 'Of those, orders that were written: those whose rows differed from their document, unless all were asked for.';
comment on column cdp.replays.rejected is 'Orders without a document that can be typed (cdp.rejected_orders); their rows stay as they are.';
comment on column cdp.replays.differences is 'In what the rows differed: {"order_items.discount": 12} are orders by column; "missing" and "surplus" stand for whole rows.';
comment on column cdp.replays.updated_at is 'When the last batch of orders was written.';
comment on column cdp.replays.completed_at is 'When the last of its orders was written; null while it runs, or where it was interrupted.';
