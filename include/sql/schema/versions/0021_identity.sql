-- schema/versions/0021_identity.sql: the ledger of identities
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create index order_buyers_by_document on cdp.order_buyers (tenant_id, document_key) where document_key is not null;
create index order_buyers_by_email on cdp.order_buyers (tenant_id, email_key) where email_key is not null;
create index order_buyers_by_profile on cdp.order_buyers (tenant_id, profile_key) where profile_key is not null;

create table cdp.blocked_values (
    kind text not null check (kind in ('document', 'email')),
    value text not null,
    reason text not null,
    primary key (kind, value)
);

comment on table cdp.blocked_values is 'Values that identify nobody, of any shop: documents typed to get past a form, addresses of counters and marketplaces. One row per (kind, value).';
comment on column cdp.blocked_values.kind is 'document or email.';
comment on column cdp.blocked_values.value is 'As in cdp.order_buyers; of an e-mail, % stands for anything.';
comment on column cdp.blocked_values.reason is 'Why.';

insert into cdp.blocked_values (kind, value, reason) values
('document', '12345678', 'typed to get past the form'),
('document', '123456789', 'typed to get past the form'),
('document', '1234567', 'typed to get past the form'),
('document', '87654321', 'typed to get past the form'),
('document', '12341234', 'typed to get past the form'),
('document', '11223344', 'typed to get past the form'),
('document', '10101010', 'typed to get past the form'),
('document', '20123456789', 'typed to get past the form'),
('document', '20111111112', 'typed to get past the form'),
('document', '23000000000', 'AFIP''s number for a consumer without one'),
('document', '99999999999', 'AFIP''s number for a consumer without one'),
('email', '%@mail.mercadolibre.com', 'a marketplace''s address for one sale'),
('email', '%@mail.mercadolibre.com.ar', 'a marketplace''s address for one sale'),
('email', '%@marketplace.amazon.%', 'a marketplace''s address for one sale'),
('email', 'noreply@%', 'nobody''s address'),
('email', 'no-reply@%', 'nobody''s address'),
('email', 'sinmail@%', 'typed to get past the form'),
('email', 'sinemail@%', 'typed to get past the form'),
('email', 'notiene@%', 'typed to get past the form'),
('email', 'notengo@%', 'typed to get past the form'),
('email', 'consumidorfinal@%', 'typed at the counter'),
('email', 'mostrador@%', 'typed at the counter');

create table cdp.blocked_identifiers (
    tenant_id integer not null,
    key uuid not null,
    kind text not null,
    decision text not null check (decision in ('automatic', 'blocked', 'allowed')),
    joins integer,
    reason text not null,
    as_of timestamptz,
    primary key (tenant_id, key)
);

comment on table cdp.blocked_identifiers is 'Identifiers of a shop that make nobody one: one row per (tenant_id, key). A row may be written by hand, to block one or to allow one that is blocked automatically; it holds from the next daily calculation on.';
comment on column cdp.blocked_identifiers.tenant_id is 'The shop.';
comment on column cdp.blocked_identifiers.key is 'The identifier: cdp.identifier_key(tenant_id, kind, value).';
comment on column cdp.blocked_identifiers.kind is 'document, email or profile.';
comment on column cdp.blocked_identifiers.decision is 'automatic: it joins more documents (a document: e-mails) than customer_settings.identity_limit; blocked, allowed: by hand.';
comment on column cdp.blocked_identifiers.joins is 'How many it joins, if it is blocked automatically.';
comment on column cdp.blocked_identifiers.reason is 'Why.';
comment on column cdp.blocked_identifiers.as_of is 'Moment of the calculation that blocked it; null if written by hand.';

create table cdp.identity_splits (
    tenant_id integer not null,
    left_key uuid not null,
    right_key uuid not null,
    reason text not null,
    split_by text not null,
    primary key (tenant_id, left_key, right_key),
    constraint left_is_smaller check (left_key < right_key)
);

comment on table cdp.identity_splits is 'Un-merges: pairs of identifiers that are never of one customer on the word of an order that shows both. One row per (tenant_id, left_key, right_key). Written by cdp.split_identity(), deleted by cdp.undo_split().';
comment on column cdp.identity_splits.tenant_id is 'The shop.';
comment on column cdp.identity_splits.left_key is 'The smaller of the two keys.';
comment on column cdp.identity_splits.right_key is 'The larger of the two keys.';
comment on column cdp.identity_splits.reason is 'Why they are two people.';
comment on column cdp.identity_splits.split_by is 'Who said so.';

create table cdp.customer_identifiers (
    tenant_id integer not null,
    key uuid not null,
    kind text not null,
    customer_id uuid not null,
    first_order_date timestamptz not null,
    first_order_id text not null,
    orders bigint not null,
    primary key (tenant_id, key)
);

create index customer_identifiers_by_customer on cdp.customer_identifiers (tenant_id, customer_id);

comment on table cdp.customer_identifiers is 'Whose an identifier is: one row per (tenant_id, key) that identifies somebody.';
comment on column cdp.customer_identifiers.tenant_id is 'The shop.';
comment on column cdp.customer_identifiers.key is 'The identifier: cdp.identifier_key(tenant_id, kind, value).';
comment on column cdp.customer_identifiers.kind is 'company, document, email, profile or phone.';
comment on column cdp.customer_identifiers.customer_id is 'Whose it is (cdp.customers).';
comment on column cdp.customer_identifiers.first_order_date is 'When it was shown first.';
comment on column cdp.customer_identifiers.first_order_id is 'The order that showed it first.';
comment on column cdp.customer_identifiers.orders is 'Orders that show it.';

create table cdp.identity_edges (
    tenant_id integer not null,
    left_key uuid not null,
    right_key uuid not null,
    left_kind text not null,
    right_kind text not null,
    state text not null check (state in ('followed', 'weak', 'blocked', 'split')),
    customer_id uuid not null,
    first_order_date timestamptz not null,
    first_order_id text not null,
    orders bigint not null,
    primary key (tenant_id, left_key, right_key)
);

create index identity_edges_by_customer on cdp.identity_edges (tenant_id, customer_id);

comment on table cdp.identity_edges is 'Ledger of identities: one row per (tenant_id, left_key, right_key) of identifiers that orders show together. A customer is what followed edges connect.';
comment on column cdp.identity_edges.tenant_id is 'The shop.';
comment on column cdp.identity_edges.left_key is 'The strongest identifier of the orders that is not blocked.';
comment on column cdp.identity_edges.right_key is 'Another that they show.';
comment on column cdp.identity_edges.left_kind is 'company, document, email, profile or phone.';
comment on column cdp.identity_edges.right_kind is 'Kind of the other.';
comment on column cdp.identity_edges.state is 'followed: both are one customer''s. weak: a telephone, or a company''s contact person. blocked: the other identifies nobody. split: un-merged.';
comment on column cdp.identity_edges.customer_id is 'Whose the left identifier is.';
comment on column cdp.identity_edges.first_order_date is 'When the edge was shown first.';
comment on column cdp.identity_edges.first_order_id is 'The order that showed it first.';
comment on column cdp.identity_edges.orders is 'Orders that show it.';

create table cdp.customer_identity_events (
    tenant_id integer not null,
    event_no bigint generated always as identity,
    event text not null check (event in ('created', 'merged', 'split', 'renamed', 'gone', 'blocked', 'unblocked')),
    customer_id uuid,
    from_customer_id uuid,
    left_key uuid,
    right_key uuid,
    order_id text,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, event_no)
);

create index customer_identity_events_by_customer on cdp.customer_identity_events (tenant_id, customer_id);

comment on table cdp.customer_identity_events is 'What happened to identities, append-only: one row per event.';
comment on column cdp.customer_identity_events.tenant_id is 'The shop.';
comment on column cdp.customer_identity_events.event_no is 'Number of the event.';
comment on column cdp.customer_identity_events.event is 'created; merged: from_customer_id is no more; split: identifiers left from_customer_id; renamed: an older order was found, so another identifier came first; gone: the last order is; blocked and unblocked: of an identifier.';
comment on column cdp.customer_identity_events.customer_id is 'The customer; null for an identifier''s event.';
comment on column cdp.customer_identity_events.from_customer_id is 'Whose the identifiers were before.';
comment on column cdp.customer_identity_events.left_key is 'The edge behind it, or the identifier.';
comment on column cdp.customer_identity_events.right_key is 'The edge behind it.';
comment on column cdp.customer_identity_events.order_id is 'The order that showed the edge first, or the customer''s first order.';
comment on column cdp.customer_identity_events.as_of is 'Moment of the calculation.';
comment on column cdp.customer_identity_events.sync_run_id is 'The newest sync run behind it.';

create unlogged table staging.identity_orders (
    tenant_id integer not null,
    order_id text not null,
    is_changed boolean not null,
    order_date timestamptz,
    key uuid,
    kind text,
    primary key (tenant_id, order_id)
);

comment on table staging.identity_orders is 'Orders whose customer a calculation finds again: one row per (tenant_id, order_id).';
comment on column staging.identity_orders.tenant_id is 'The shop.';
comment on column staging.identity_orders.order_id is 'The order.';
comment on column staging.identity_orders.is_changed is 'It changed; else it is of a customer who may.';
comment on column staging.identity_orders.order_date is 'When; null if it counts for nobody.';
comment on column staging.identity_orders.key is 'The identifier whose order it is; null if it shows none that identifies somebody.';
comment on column staging.identity_orders.kind is 'Kind of that identifier.';

create unlogged table staging.identity_blocked (
    tenant_id integer not null,
    key uuid not null,
    primary key (tenant_id, key)
);

comment on table staging.identity_blocked is 'Identifiers that identify nobody, in a calculation: one row per (tenant_id, key).';
comment on column staging.identity_blocked.tenant_id is 'The shop.';
comment on column staging.identity_blocked.key is 'The identifier.';

create unlogged table staging.identity_customers (
    tenant_id integer not null,
    customer_id uuid not null,
    primary key (tenant_id, customer_id)
);

comment on table staging.identity_customers is 'Customers that a calculation finds again, as they were: one row per (tenant_id, customer_id).';
comment on column staging.identity_customers.tenant_id is 'The shop.';
comment on column staging.identity_customers.customer_id is 'The customer.';

create unlogged table staging.identity_edges (
    tenant_id integer not null,
    left_key uuid not null,
    right_key uuid not null,
    left_kind text not null,
    right_kind text not null,
    state text not null,
    first_order_date timestamptz not null,
    first_order_id text not null,
    orders bigint not null,
    primary key (tenant_id, left_key, right_key)
);

comment on table staging.identity_edges is 'Edges that the orders of a calculation show: one row per (tenant_id, left_key, right_key). Columns as in cdp.identity_edges.';
comment on column staging.identity_edges.tenant_id is 'The shop.';
comment on column staging.identity_edges.left_key is 'As in cdp.identity_edges.';
comment on column staging.identity_edges.right_key is 'As in cdp.identity_edges.';
comment on column staging.identity_edges.left_kind is 'As in cdp.identity_edges.';
comment on column staging.identity_edges.right_kind is 'As in cdp.identity_edges.';
comment on column staging.identity_edges.state is 'As in cdp.identity_edges.';
comment on column staging.identity_edges.first_order_date is 'As in cdp.identity_edges.';
comment on column staging.identity_edges.first_order_id is 'As in cdp.identity_edges.';
comment on column staging.identity_edges.orders is 'As in cdp.identity_edges.';

create unlogged table staging.identity_nodes (
    tenant_id integer not null,
    node_no integer not null,
    key uuid not null,
    kind text not null,
    first_order_date timestamptz not null,
    first_order_id text not null,
    orders bigint not null,
    primary key (tenant_id, key)
);

comment on table staging.identity_nodes is 'Identifiers of a calculation, numbered: one row per (tenant_id, key).';
comment on column staging.identity_nodes.tenant_id is 'The shop.';
comment on column staging.identity_nodes.node_no is 'Number, from 0.';
comment on column staging.identity_nodes.key is 'The identifier.';
comment on column staging.identity_nodes.kind is 'Its kind.';
comment on column staging.identity_nodes.first_order_date is 'When it was shown first.';
comment on column staging.identity_nodes.first_order_id is 'The order that showed it first.';
comment on column staging.identity_nodes.orders is 'Orders that show it.';

create unlogged table staging.identity_components (
    tenant_id integer not null,
    node_no integer not null,
    component integer not null,
    primary key (tenant_id, node_no)
);

comment on table staging.identity_components is 'Which identifiers of a calculation are connected: one row per (tenant_id, node_no).';
comment on column staging.identity_components.tenant_id is 'The shop.';
comment on column staging.identity_components.node_no is 'The identifier (staging.identity_nodes).';
comment on column staging.identity_components.component is 'Number of its component.';

create unlogged table staging.identity_members (
    tenant_id integer not null,
    key uuid not null,
    kind text not null,
    customer_id uuid not null,
    first_order_date timestamptz not null,
    first_order_id text not null,
    orders bigint not null,
    primary key (tenant_id, key)
);

comment on table staging.identity_members is 'Whose the identifiers of a calculation are: one row per (tenant_id, key). Columns as in cdp.customer_identifiers.';
comment on column staging.identity_members.tenant_id is 'The shop.';
comment on column staging.identity_members.key is 'As in cdp.customer_identifiers.';
comment on column staging.identity_members.kind is 'As in cdp.customer_identifiers.';
comment on column staging.identity_members.customer_id is 'As in cdp.customer_identifiers.';
comment on column staging.identity_members.first_order_date is 'As in cdp.customer_identifiers.';
comment on column staging.identity_members.first_order_id is 'As in cdp.customer_identifiers.';
comment on column staging.identity_members.orders is 'As in cdp.customer_identifiers.';
