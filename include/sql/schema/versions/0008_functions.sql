-- schema/versions/0008_functions.sql: which functions the schema has
-- grain:       one row
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table public.cdp_schema_functions (
    digest text primary key
);

comment on table public.cdp_schema_functions is 'Digest of the function files (include/sql/schema/functions) that were applied last: they are applied again when they change.';
comment on column public.cdp_schema_functions.digest is 'SHA-256 of their texts and of the rules bound into them.';
