-- schema/functions_applied.sql: a digest of functions -> whether they were applied already
-- grain:       one row if they are new, none if they are not
-- parameters:  digest
-- idempotent:  yes
with replaced as (

    delete from public.cdp_schema_functions
    where digest <> %(digest)s

)

insert into public.cdp_schema_functions (digest)
values (%(digest)s)
on conflict (digest) do nothing
returning digest;
