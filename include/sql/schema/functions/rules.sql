-- schema/functions/rules.sql: what SQL and Python must agree on; values bound from cdp_sync.windows, cdp_sync.tenants
-- grain:       one value each
-- parameters:  vtex_memory, longest_catch_up (interval), local_time_zone
-- idempotent:  yes; applied again by every migration
create or replace function cdp.vtex_memory() returns interval
language sql immutable parallel safe as $$ select %(vtex_memory)s::interval $$;
comment on function cdp.vtex_memory() is 'How long VTEX answers for an order after its creation.';

create or replace function cdp.longest_catch_up() returns interval
language sql immutable parallel safe as $$ select %(longest_catch_up)s::interval $$;
comment on function cdp.longest_catch_up() is 'How far back an incremental run reaches after downtime; what lies before is a gap.';

create or replace function cdp.local_time_zone() returns text
language sql immutable parallel safe as $$ select %(local_time_zone)s::text $$;
comment on function cdp.local_time_zone() is 'The time zone in which days are counted.';
