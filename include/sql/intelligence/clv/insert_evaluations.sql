-- intelligence/clv/insert_evaluations.sql: what a training judged -> cdp.clv_evaluations
-- grain:       one row per (tenant_id, as_of, method)
-- parameters:  tenant_id, and the rows as JSON in `evaluations`
-- idempotent:  yes, after clv/delete_evaluations.sql
insert into cdp.clv_evaluations
select judged.*  -- noqa: AM04
from jsonb_array_elements(%(evaluations)s::jsonb) as listed (evaluation)
cross join lateral jsonb_populate_record(
    null::cdp.clv_evaluations, listed.evaluation || jsonb_build_object('tenant_id', %(tenant_id)s::integer)
) as judged;
