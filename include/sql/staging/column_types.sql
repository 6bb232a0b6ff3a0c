-- staging/column_types.sql: catalogue -> types of a table's columns, for a binary COPY
-- grain:       one row per column asked for, in the order asked for
-- parameters:  schema_name, table_name, columns
-- idempotent:  read only
select case data_type when 'json' then 'bytea' when 'ARRAY' then 'text[]' else data_type end as type
from unnest(%(columns)s::text[]) with ordinality as wanted (column_name, place)
inner join information_schema.columns using (column_name)
where table_schema = %(schema_name)s and table_name = %(table_name)s
order by place;
