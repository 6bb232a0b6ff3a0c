-- docs/generate/constraints.sql: the catalogue -> keys, checks and indexes of the tables of cdp and staging
-- grain:       one row per constraint, or per index that is not one
-- parameters:  none
-- idempotent:  read only
with rules as (

    select
        conrelid as table_oid,
        contype::text as kind,
        pg_get_constraintdef(oid) as definition,
        (
            select array_agg(attname::text order by place)
            from unnest(conkey) with ordinality as key (number, place)
            inner join pg_attribute on attrelid = conrelid and attnum = number
        ) as columns,
        nullif(confrelid, 0)::regclass::text as refers_to
    from pg_constraint
    where contype in ('p', 'u', 'f', 'c')

    union all

    select
        indrelid,
        'i',
        regexp_replace(pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX (\S+) ON \S+ USING btree ', '\1\2 '),
        null,
        null
    from pg_index
    where not exists (select from pg_constraint where conindid = indexrelid)

)

select rules.table_oid::regclass::text as table_name, rules.kind, rules.definition, rules.columns, rules.refers_to
from rules
inner join pg_class as c on c.oid = rules.table_oid
where c.relnamespace in ('cdp'::regnamespace, 'staging'::regnamespace)
order by rules.definition collate "C"
