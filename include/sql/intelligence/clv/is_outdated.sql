-- intelligence/clv/is_outdated.sql: cdp.customer_clv -> whether some customers were scored with another model
-- grain:       one row
-- parameters:  tenant_id, model_as_of (null without a model)
-- idempotent:  read only
select exists(
    select
    from cdp.customer_clv
    where tenant_id = %(tenant_id)s and model_as_of is distinct from %(model_as_of)s
) as is_outdated;
