-- intelligence/clv/upsert_model.sql: what came of a training -> cdp.clv_models
-- grain:       one row per (tenant_id, as_of)
-- parameters:  tenant_id, and the row as JSON in `model`
-- idempotent:  yes; the same training again replaces its row
insert into cdp.clv_models as target
select trained.*  -- noqa: AM04
from jsonb_populate_record(
    null::cdp.clv_models, %(model)s::jsonb || jsonb_build_object('tenant_id', %(tenant_id)s::integer)
) as trained
on conflict (tenant_id, as_of) do update set
    (outcome, sentence, pooled, method, r, alpha, a, b, p, q, gamma, r_error, alpha_error, a_error, b_error, p_error,
    q_error, gamma_error, orders_log_likelihood, value_log_likelihood, converged, customers, order_days,
    repeat_customers, without_value, span_days, currency, deflated, price_months, price_ratios, hiatus_days, trend,
    intervals, recency_cuts, frequency_cuts, value_cuts, sync_run_id)
    = (excluded.outcome, excluded.sentence, excluded.pooled, excluded.method, excluded.r, excluded.alpha, excluded.a,
    excluded.b, excluded.p, excluded.q, excluded.gamma, excluded.r_error, excluded.alpha_error, excluded.a_error,
    excluded.b_error, excluded.p_error, excluded.q_error, excluded.gamma_error, excluded.orders_log_likelihood,
    excluded.value_log_likelihood, excluded.converged, excluded.customers, excluded.order_days,
    excluded.repeat_customers, excluded.without_value, excluded.span_days, excluded.currency, excluded.deflated,
    excluded.price_months, excluded.price_ratios, excluded.hiatus_days, excluded.trend, excluded.intervals,
    excluded.recency_cuts, excluded.frequency_cuts, excluded.value_cuts, excluded.sync_run_id);
