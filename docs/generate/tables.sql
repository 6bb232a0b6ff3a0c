-- docs/generate/tables.sql: the catalogue -> tables and views of cdp and staging
-- grain:       one row per table or view
-- parameters:  none
-- idempotent:  read only
select c.oid::regclass::text as table_name, obj_description(c.oid, 'pg_class') as comment
from pg_class as c
where c.relnamespace in ('cdp'::regnamespace, 'staging'::regnamespace) and c.relkind in ('r', 'v')
order by c.relnamespace, c.relname;
