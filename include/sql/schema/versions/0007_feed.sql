-- schema/versions/0007_feed.sql: what VTEX reports by itself: the order feed and the hook
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.order_notifications (
    tenant_id integer not null references cdp.tenants,
    order_id text not null,
    changed_at timestamptz not null,
    state text not null,
    last_state text,
    last_changed_at timestamptz,
    domain text,
    source text not null check (source in ('feed', 'hook')),
    received_at timestamptz not null default now(),
    batch_id text,
    processed_at timestamptz,
    primary key (tenant_id, order_id, changed_at, state)
);
create index order_notifications_waiting on cdp.order_notifications (tenant_id, processed_at);

comment on table cdp.order_notifications is 'Inbox: changes of orders that VTEX''s feed or hook reported, one row per change however often it was reported. Processed rows are kept for two weeks.';
comment on column cdp.order_notifications.tenant_id is 'The shop.';
comment on column cdp.order_notifications.order_id is 'The order.';
comment on column cdp.order_notifications.changed_at is 'When it came into its new state, by VTEX''s clock.';
comment on column cdp.order_notifications.state is 'The new state.';
comment on column cdp.order_notifications.last_state is 'The former state, where VTEX names it.';
comment on column cdp.order_notifications.last_changed_at is 'When it had come into the former state.';
comment on column cdp.order_notifications.domain is 'Marketplace or Fulfillment: which of VTEX''s workflows changed.';
comment on column cdp.order_notifications.source is 'feed or hook: which reported it first.';
comment on column cdp.order_notifications.received_at is 'When it was written here.';
comment on column cdp.order_notifications.batch_id is 'The run that read the order because of it (cdp.sync_runs).';
comment on column cdp.order_notifications.processed_at is 'When a document at least as new was merged; null while it waits.';

create table cdp.order_status_changes (
    tenant_id integer not null references cdp.tenants,
    order_id text not null,
    changed_at timestamptz not null,
    to_state text not null,
    from_state text,
    from_state_since timestamptz,
    domain text,
    source text not null,
    primary key (tenant_id, order_id, changed_at, to_state)
);

comment on table cdp.order_status_changes is 'Changes of state as VTEX''s feed and hook reported them, also those between two documents: one row per (tenant_id, order_id, changed_at, to_state). Complete only for the time the feed or the hook was on.';
comment on column cdp.order_status_changes.tenant_id is 'The shop.';
comment on column cdp.order_status_changes.order_id is 'The order.';
comment on column cdp.order_status_changes.changed_at is 'When it changed, by VTEX''s clock.';
comment on column cdp.order_status_changes.to_state is 'The state it came into.';
comment on column cdp.order_status_changes.from_state is 'The state it left, where VTEX names it.';
comment on column cdp.order_status_changes.from_state_since is 'When it had come into that.';
comment on column cdp.order_status_changes.domain is 'Marketplace or Fulfillment: which of VTEX''s workflows changed.';
comment on column cdp.order_status_changes.source is 'feed or hook: which reported it first.';

create table cdp.order_feeds (
    tenant_id integer primary key references cdp.tenants,
    state text not null check (state in ('active', 'forbidden', 'foreign', 'failed')),
    reason text,
    key_hash text,
    configuration jsonb,
    configured_at timestamptz,
    drained_at timestamptz,
    quantity integer,
    oldest_seconds numeric(12, 1),
    hook_state text not null default 'off' check (hook_state in ('active', 'off', 'foreign', 'failed')),
    hook_reason text,
    checked_at timestamptz not null default now()
);

comment on table cdp.order_feeds is 'Where each tenant''s order feed and hook stand: one row per tenant with feed_enabled.';
comment on column cdp.order_feeds.tenant_id is 'The shop.';
comment on column cdp.order_feeds.state is 'active; forbidden: the app key lacks the role; foreign: somebody else configured a feed with this app key; failed: the last drain did not end. All but active live from the list alone.';
comment on column cdp.order_feeds.reason is 'Why it is not active, and what to do.';
comment on column cdp.order_feeds.key_hash is 'Hash of the app key the feed was configured with.';
comment on column cdp.order_feeds.configuration is 'What we configured. A feed that is configured otherwise is somebody else''s.';
comment on column cdp.order_feeds.configured_at is 'Since when the feed holds changes, by VTEX''s clock; null while it is being configured.';
comment on column cdp.order_feeds.drained_at is 'When the last complete drain began, by VTEX''s clock: what changed before is here.';
comment on column cdp.order_feeds.quantity is 'Messages in the queue when the last drain began, hidden ones too.';
comment on column cdp.order_feeds.oldest_seconds is 'Age of the oldest of them.';
comment on column cdp.order_feeds.hook_state is 'active; off: not wanted; foreign: the app key''s hook points elsewhere; failed: VTEX would not take the configuration.';
comment on column cdp.order_feeds.hook_reason is 'Why the hook is not active, and what to do.';
comment on column cdp.order_feeds.checked_at is 'When this row was last made true.';

create unlogged table staging.feed_handles (
    tenant_id integer not null,
    handle_no bigint generated always as identity,
    order_id text not null,
    changed_at timestamptz not null,
    state text not null,
    handle text not null,
    received_at timestamptz not null default now(),
    primary key (tenant_id, handle_no)
);

comment on table staging.feed_handles is 'Handles of feed messages that are not committed yet: one row per message received. Unlogged: a message whose handle is lost comes again.';
comment on column staging.feed_handles.tenant_id is 'The shop.';
comment on column staging.feed_handles.handle_no is 'Number of the message, in the order of their arrival here.';
comment on column staging.feed_handles.order_id is 'The order that changed.';
comment on column staging.feed_handles.changed_at is 'When it came into its new state, by VTEX''s clock.';
comment on column staging.feed_handles.state is 'The new state; with order and time it names the notification.';
comment on column staging.feed_handles.handle is 'What VTEX wants back, for it not to send the message again.';
comment on column staging.feed_handles.received_at is 'When it was received; VTEX takes a handle back for a short time only.';

comment on column cdp.tenants.feed_enabled is 'True drains the tenant''s order feed, and configures its hook where the deployment has an address for it.';
comment on column cdp.sync_checkpoints.sync_type is 'incremental, historical or full; feed: changes in this time were not reported, a gap until an incremental sync has asked for them.';
