-- intelligence/clv/newest_model.sql: cdp.clv_models -> the model in use
-- grain:       one row; none before the first training
-- parameters:  tenant_id, as_of
-- idempotent:  read only
-- The newest training with parameters; while there is none, the newest, which says why.
select
    as_of,
    outcome,
    sentence,
    pooled,
    method,
    r, alpha, a, b,
    p, q, gamma,
    price_months,
    price_ratios,
    hiatus_days,
    trend,
    intervals,
    recency_cuts,
    frequency_cuts,
    value_cuts
from cdp.clv_models
where tenant_id = %(tenant_id)s and as_of <= %(as_of)s
order by r is null, as_of desc
limit 1;
