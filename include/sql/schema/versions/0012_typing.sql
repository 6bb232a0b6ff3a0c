-- schema/versions/0012_typing.sql: which typing made a row, and in what it differs from its document
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.order_events add column typing_version integer not null default 0;
create index order_events_by_typing on cdp.order_events (tenant_id, typing_version);
comment on column cdp.order_events.typing_version is 'Version of the package''s typing that last read the order''s document. cdp_warehouse starts cdp_replay for orders of older ones; 0 is older than all.';

alter table staging.orders add column typing_version integer not null default 0;
alter table staging.orders alter column typing_version drop default;
comment on column staging.orders.typing_version is 'Version of the package''s typing that read the document.';

create unlogged table staging.order_differences (
    tenant_id integer not null,
    batch_id text not null,
    document_no integer not null,
    relation text not null,
    columns text[] not null,
    primary key (tenant_id, batch_id, document_no, relation)
);

comment on table staging.order_differences is 'In what stored rows differ from a document just typed: one row per (tenant_id, batch_id, document_no, relation).';
comment on column staging.order_differences.tenant_id is 'The shop.';
comment on column staging.order_differences.batch_id is 'The batch the document is of.';
comment on column staging.order_differences.document_no is 'The document (staging.orders).';
comment on column staging.order_differences.relation is 'Table of cdp, without its schema.';
comment on column staging.order_differences.columns is 'Its columns that differ; "missing" or "surplus" stands for a whole row.';
