-- schema/versions/0005_coverage.sql: which time is synced, and which is not
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.sync_checkpoints drop constraint sync_checkpoints_status_check;
alter table cdp.sync_checkpoints
add constraint sync_checkpoints_status_check check (status in ('running', 'completed', 'failed', 'unreachable'));

comment on column cdp.sync_checkpoints.status is 'running, completed, failed, or unreachable: time older than VTEX''s two years that was never synced. A completed window stays completed while it is run again.';

create table cdp.sync_coverage (
    tenant_id integer primary key references cdp.tenants,
    covered tstzmultirange not null
);

comment on table cdp.sync_coverage is 'The completed windows of cdp.sync_checkpoints put together: one row per tenant. Kept by triggers, whoever writes checkpoints; not to be written otherwise.';
comment on column cdp.sync_coverage.tenant_id is 'The shop.';
comment on column cdp.sync_coverage.covered is 'Creation times whose orders were synced.';

insert into cdp.sync_coverage (tenant_id, covered)
select tenant_id, range_agg(tstzrange(window_start, window_end))
from cdp.sync_checkpoints
where status = 'completed'
group by tenant_id;
