-- intelligence/clv/upsert_scores.sql: staging.customer_clv -> cdp.customer_clv
-- grain:       one row per (tenant_id, customer_id)
-- parameters:  tenant_id, as_of, sync_run_id, method, model_as_of
-- idempotent:  yes; only rows whose measures differ are written
insert into cdp.customer_clv as target (
    tenant_id, customer_id, method, model_as_of, reason, order_days, p_alive, churn_probability, early_warning,
    warned_since, expected_orders_1y, expected_orders_3y, expected_orders_5y, value_1y, value_3y, value_5y,
    historical_net, historical_real, total_value, as_of, sync_run_id
)
select
    staged.tenant_id, staged.customer_id, %(method)s, %(model_as_of)s, staged.reason, staged.order_days, staged.p_alive,
    staged.churn_probability, staged.early_warning, staged.warned_since, staged.expected_orders_1y,
    staged.expected_orders_3y, staged.expected_orders_5y, staged.value_1y::numeric(18, 2),
    staged.value_3y::numeric(18, 2), staged.value_5y::numeric(18, 2), staged.historical_net::numeric(18, 2),
    staged.historical_real::numeric(18, 2), staged.total_value::numeric(18, 2), %(as_of)s, %(sync_run_id)s
from staging.customer_clv as staged
where staged.tenant_id = %(tenant_id)s
order by staged.customer_id
on conflict (tenant_id, customer_id) do update set
    (method, model_as_of, reason, order_days, p_alive, churn_probability, early_warning, warned_since,
    expected_orders_1y, expected_orders_3y, expected_orders_5y, value_1y, value_3y, value_5y, historical_net,
    historical_real, total_value, as_of, sync_run_id)
    = (excluded.method, excluded.model_as_of, excluded.reason, excluded.order_days, excluded.p_alive,
    excluded.churn_probability, excluded.early_warning, excluded.warned_since, excluded.expected_orders_1y,
    excluded.expected_orders_3y, excluded.expected_orders_5y, excluded.value_1y, excluded.value_3y,
    excluded.value_5y, excluded.historical_net, excluded.historical_real, excluded.total_value, excluded.as_of,
    excluded.sync_run_id)
where
    (target.method, target.model_as_of, target.reason, target.order_days, target.p_alive, target.churn_probability,
    target.early_warning, target.warned_since, target.expected_orders_1y, target.expected_orders_3y,
    target.expected_orders_5y, target.value_1y, target.value_3y, target.value_5y, target.historical_net,
    target.historical_real, target.total_value)
    is distinct from (excluded.method, excluded.model_as_of, excluded.reason, excluded.order_days, excluded.p_alive,
    excluded.churn_probability, excluded.early_warning, excluded.warned_since, excluded.expected_orders_1y,
    excluded.expected_orders_3y, excluded.expected_orders_5y, excluded.value_1y, excluded.value_3y,
    excluded.value_5y, excluded.historical_net, excluded.historical_real, excluded.total_value);
