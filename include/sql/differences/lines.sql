-- differences/lines.sql: lines in staging and in cdp -> staging.order_differences
-- grain:       one row per document of which a line is stored otherwise, not at all, or one too many
-- parameters:  tenant_id, batch_id, relation (the table); name and columns: see cdp_sync/rows/merged_columns.py
-- idempotent:  yes
with typed (document_no, {columns}) as (

    select line.document_no, {staged}
    from staging.{table} as line
    inner join staging.orders as staged
        on
            line.tenant_id = staged.tenant_id
            and line.batch_id = staged.batch_id
            and line.document_no = staged.document_no
    where line.tenant_id = %(tenant_id)s and line.batch_id = %(batch_id)s

),

target (document_no, {columns}) as (

    select document.document_no, {target}
    from staging.orders as document
    inner join cdp.{table} as target
        on document.tenant_id = target.tenant_id and document.order_id = target.order_id
    where
        document.tenant_id = %(tenant_id)s
        and document.batch_id = %(batch_id)s
        and target.tenant_id = %(tenant_id)s

)

insert into staging.order_differences (tenant_id, batch_id, document_no, relation, columns)
select
    %(tenant_id)s, %(batch_id)s, document_no, %(relation)s,
    array_agg(distinct differing.name order by differing.name)
from typed
full join target using (document_no, {key})
cross join lateral unnest(
    case
        when target.{key} is null then array['missing']
        when typed.{key} is null then array['surplus']
        else array_remove(array[{differing}], null)
    end
) as differing (name)
where ({typed}) is distinct from ({target})
group by document_no
on conflict do nothing;
