-- docs/generate/columns.sql: the catalogue -> columns of the tables and views of cdp and staging
-- grain:       one row per column
-- parameters:  none
-- idempotent:  read only
select
    c.oid::regclass::text as table_name,
    a.attname as column_name,
    replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz') as type,
    not a.attnotnull as nullable,
    case a.attidentity when '' then pg_get_expr(d.adbin, d.adrelid) else 'identity' end as default_value,
    col_description(c.oid, a.attnum) as comment
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
where c.relnamespace in ('cdp'::regnamespace, 'staging'::regnamespace) and c.relkind in ('r', 'v')
order by a.attnum;
