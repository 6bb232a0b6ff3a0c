-- docs/generate/constraints.sql: the catalogue -> keys, checks and indexes of the tables of cdp and staging
-- grain:       one row per constraint, or per index that is not one
-- parameters:  none
-- idempotent:  read only
with rules as (

    select
        c.conname as name,
        c.conrelid as table_oid,
        c.contype::text as kind,
        pg_get_constraintdef(c.oid) as definition,
        nullif(c.confrelid, 0)::regclass::text as refers_to,
        (
            select array_agg(a.attname::text order by key.place)
            from unnest(c.conkey) with ordinality as key (number, place)
            inner join pg_attribute as a on a.attrelid = c.conrelid and key.number = a.attnum
        ) as columns
    from pg_constraint as c
    where c.contype in ('p', 'u', 'f', 'c')

    union all

    select
        named.relname as name,
        i.indrelid as table_oid,
        'i' as kind,
        regexp_replace(
            pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX (\S+) ON \S+ USING btree ', '\1\2 '
        ) as definition,
        null as refers_to,
        null as columns
    from pg_index as i
    inner join pg_class as named on i.indexrelid = named.oid
    left join pg_constraint as c on i.indexrelid = c.conindid
    where c.oid is null

)

select rules.table_oid::regclass::text as table_name, rules.kind, rules.definition, rules.columns, rules.refers_to
from rules
inner join pg_class as t on rules.table_oid = t.oid
where t.relnamespace in ('cdp'::regnamespace, 'staging'::regnamespace)
order by rules.name;
