-- docs/generate/functions.sql: the catalogue -> functions of cdp
-- grain:       one row per function
-- parameters:  none
-- idempotent:  read only
select
    p.oid::regproc::text as name,
    replace(pg_get_function_arguments(p.oid), 'timestamp with time zone', 'timestamptz') as arguments,
    pg_get_function_result(p.oid) as result,
    obj_description(p.oid, 'pg_proc') as comment
from pg_proc as p
where p.pronamespace = 'cdp'::regnamespace
order by p.proname;
