-- schema/versions/0026_lifetime_value.sql: models of lifetime value, their judgement, and the value of each customer
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.clv_models (
    tenant_id integer not null references cdp.tenants,
    as_of timestamptz not null,
    outcome text not null check (
        outcome in (
            'fitted', 'did_not_converge', 'no_orders', 'one_customer', 'one_day', 'too_few_customers',
            'too_short_history', 'no_recent_order', 'too_few_repeats'
        )
    ),
    sentence text not null,
    pooled boolean not null,
    method text not null check (method in ('model', 'pooled', 'hiatus', 'multiplier', 'none')),
    r double precision,
    alpha double precision,
    a double precision,
    b double precision,
    p double precision,
    q double precision,
    gamma double precision,
    r_error double precision,
    alpha_error double precision,
    a_error double precision,
    b_error double precision,
    p_error double precision,
    q_error double precision,
    gamma_error double precision,
    orders_log_likelihood double precision,
    value_log_likelihood double precision,
    converged boolean,
    customers integer not null,
    order_days integer not null,
    repeat_customers integer not null,
    without_value integer not null,
    span_days integer not null,
    currency text,
    deflated boolean not null,
    price_months date[] not null,
    price_ratios double precision[] not null,
    hiatus_days double precision,
    trend double precision,
    intervals double precision[],
    recency_cuts double precision[],
    frequency_cuts double precision[],
    value_cuts double precision[],
    sync_run_id bigint,
    primary key (tenant_id, as_of),
    check ((r is null) = (method = 'none')),
    check (pooled = (method = 'pooled'))
);

comment on table cdp.clv_models is 'Trainings of the models of lifetime value: one row per (tenant_id, as_of), what came of it in outcome and sentence. Customers are scored with the newest row that has parameters, so the last good model stays in use. BG/NBD (r, alpha, a, b; time in weeks) says who still buys and how often, Gamma-Gamma (p, q, gamma) what an order is worth.';
comment on column cdp.clv_models.tenant_id is 'The shop.';
comment on column cdp.clv_models.as_of is 'Moment of the training: later orders are not in it.';
comment on column cdp.clv_models.outcome is 'fitted, or why the shop''s own orders give no model.';
comment on column cdp.clv_models.sentence is 'The outcome in words, with the numbers that decided.';
comment on column cdp.clv_models.pooled is 'The parameters are those of all shops of the same currency together, because the shop''s own orders give none.';
comment on column cdp.clv_models.method is 'What customers are scored with: model, pooled, or the rule of thumb that beat the model on the shop''s own orders (hiatus, multiplier: cdp.clv_evaluations); none without parameters.';
comment on column cdp.clv_models.r is 'Shape of how order rates vary between customers.';
comment on column cdp.clv_models.alpha is 'Scale of order rates, in weeks: a customer orders r / alpha times a week on average while active.';
comment on column cdp.clv_models.a is 'First parameter of the probability to leave after a repeat order; its mean is a / (a + b).';
comment on column cdp.clv_models.b is 'Second parameter of the probability to leave after a repeat order.';
comment on column cdp.clv_models.p is 'Shape of how a customer''s order values vary.';
comment on column cdp.clv_models.q is 'Shape of how mean order values vary between customers.';
comment on column cdp.clv_models.gamma is 'Scale of mean order values, in prices of the month of as_of; the mean order is p * gamma / (q - 1).';
comment on column cdp.clv_models.r_error is 'Standard error of r.';
comment on column cdp.clv_models.alpha_error is 'Standard error of alpha.';
comment on column cdp.clv_models.a_error is 'Standard error of a.';
comment on column cdp.clv_models.b_error is 'Standard error of b.';
comment on column cdp.clv_models.p_error is 'Standard error of p.';
comment on column cdp.clv_models.q_error is 'Standard error of q.';
comment on column cdp.clv_models.gamma_error is 'Standard error of gamma; without that of the shop''s mean order value if pooled.';
comment on column cdp.clv_models.orders_log_likelihood is 'Log-likelihood of BG/NBD at its maximum.';
comment on column cdp.clv_models.value_log_likelihood is 'Log-likelihood of Gamma-Gamma at its maximum.';
comment on column cdp.clv_models.converged is 'Both likelihoods have a maximum that was found; null if none was sought in the shop''s own orders.';
comment on column cdp.clv_models.customers is 'Customers with revenue orders before as_of.';
comment on column cdp.clv_models.order_days is 'Their orders: several of one customer on one day in Argentina count once.';
comment on column cdp.clv_models.repeat_customers is 'Customers with orders on two days or more.';
comment on column cdp.clv_models.without_value is 'Of those, customers whose repeat orders brought nothing net of returns; Gamma-Gamma leaves them out.';
comment on column cdp.clv_models.span_days is 'Days from the first order to as_of.';
comment on column cdp.clv_models.currency is 'Currency of most of the shop''s orders.';
comment on column cdp.clv_models.deflated is 'Values are in prices of the month of as_of, by cdp.price_index; otherwise nominal.';
comment on column cdp.clv_models.price_months is 'Months, in Argentina, for which price_ratios has a factor; kept so that every customer is valued at the same prices until the next training.';
comment on column cdp.clv_models.price_ratios is 'Price level of the month of as_of over that of each month; empty if not deflated. A later month counts 1.';
comment on column cdp.clv_models.hiatus_days is 'Silence after which the rule of thumb takes a customer for lost: nine of ten intervals between orders of the shop are shorter.';
comment on column cdp.clv_models.trend is 'Revenue of the last 90 days over that of the 90 days before, real, held within 0.5 and 2.';
comment on column cdp.clv_models.intervals is 'Percentiles, 0 to 100, of days between a customer''s orders.';
comment on column cdp.clv_models.recency_cuts is 'Quintiles of days since the last order, for the multiplier formula''s segments.';
comment on column cdp.clv_models.frequency_cuts is 'Quintiles of order_days, for the multiplier formula''s segments.';
comment on column cdp.clv_models.value_cuts is 'Quintiles of real value, for the multiplier formula''s segments.';
comment on column cdp.clv_models.sync_run_id is 'The newest sync run whose orders are in it (cdp.sync_runs).';

create table cdp.clv_evaluations (
    tenant_id integer not null references cdp.tenants,
    as_of timestamptz not null,
    method text not null check (method in ('model', 'hiatus', 'multiplier')),
    split_on date not null,
    holdout_days integer not null,
    customers integer not null,
    actual_value numeric(18, 2) not null,
    predicted_value numeric(18, 2) not null,
    actual_orders integer not null,
    predicted_orders double precision,
    total_error double precision not null,
    mean_absolute_error double precision not null,
    normalised_gini double precision not null,
    predicted_deciles double precision[] not null,
    actual_deciles double precision[] not null,
    rank_sum integer not null,
    is_winner boolean not null,
    sync_run_id bigint,
    primary key (tenant_id, as_of, method)
);

comment on table cdp.clv_evaluations is 'How well each way to predict value did on the shop''s own orders: one row per (tenant_id, as_of of the training, method). What was known before split_on predicts the rest, which is the last third of the history, at most 180 days.';
comment on column cdp.clv_evaluations.tenant_id is 'The shop.';
comment on column cdp.clv_evaluations.as_of is 'The training (cdp.clv_models).';
comment on column cdp.clv_evaluations.method is 'model: BG/NBD and Gamma-Gamma, fitted to orders before split_on. hiatus: silent for longer than hiatus_days is lost, others go on at their own mean (Wübben & v. Wangenheim 2008). multiplier: history * segment multiplier * trend * (1 - churn).';
comment on column cdp.clv_evaluations.split_on is 'First day, in Argentina, of the hold-out.';
comment on column cdp.clv_evaluations.holdout_days is 'Days predicted.';
comment on column cdp.clv_evaluations.customers is 'Customers who had ordered before split_on.';
comment on column cdp.clv_evaluations.actual_value is 'What they brought in the hold-out, net, in prices of the month of as_of.';
comment on column cdp.clv_evaluations.predicted_value is 'What was predicted, in the same prices, not discounted.';
comment on column cdp.clv_evaluations.actual_orders is 'Days with orders in the hold-out.';
comment on column cdp.clv_evaluations.predicted_orders is 'What was predicted of them; null where the method predicts value only.';
comment on column cdp.clv_evaluations.total_error is 'abs(predicted_value - actual_value) / actual_value.';
comment on column cdp.clv_evaluations.mean_absolute_error is 'Mean over customers of abs(predicted - actual value).';
comment on column cdp.clv_evaluations.normalised_gini is 'How well customers are ranked by value: 1 is perfect, 0 is chance.';
comment on column cdp.clv_evaluations.predicted_deciles is 'Mean predicted value of ten equal groups of customers, highest prediction first.';
comment on column cdp.clv_evaluations.actual_deciles is 'Mean actual value of the same groups; customers of equal predictions share their mean.';
comment on column cdp.clv_evaluations.rank_sum is 'Sum of the ranks, 1 is best, by total_error, mean_absolute_error and normalised_gini.';
comment on column cdp.clv_evaluations.is_winner is 'The lowest rank_sum: customers are scored with it. Of equal ones model, then hiatus, then multiplier.';
comment on column cdp.clv_evaluations.sync_run_id is 'The newest sync run whose orders are in it (cdp.sync_runs).';

create table cdp.customer_clv (
    tenant_id integer not null references cdp.tenants,
    customer_id uuid not null,
    method text not null check (method in ('model', 'pooled', 'hiatus', 'multiplier', 'none')),
    model_as_of timestamptz,
    reason text,
    order_days integer not null,
    p_alive double precision check (p_alive between 0 and 1),
    churn_probability double precision check (churn_probability between 0 and 1),
    early_warning boolean not null,
    warned_since date,
    expected_orders_1y double precision,
    expected_orders_3y double precision,
    expected_orders_5y double precision,
    value_1y numeric(18, 2),
    value_3y numeric(18, 2),
    value_5y numeric(18, 2),
    historical_net numeric(18, 2) not null,
    historical_real numeric(18, 2) not null,
    total_value numeric(18, 2) not null,
    tier text check (tier in ('High', 'Medium', 'Low')),
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, customer_id)
);

comment on table cdp.customer_clv is 'Lifetime value: one row per (tenant_id, customer_id) of a customer with revenue orders. Calculated for customers whose orders changed, and for all once a day, since time alone changes it.';
comment on column cdp.customer_clv.tenant_id is 'The shop.';
comment on column cdp.customer_clv.customer_id is 'The customer (cdp.customers).';
comment on column cdp.customer_clv.method is 'What predicted: model (the shop''s own), pooled (parameters of all shops of the currency), hiatus or multiplier (rules of thumb that did better than the model here: cdp.clv_evaluations), none.';
comment on column cdp.customer_clv.model_as_of is 'The training (cdp.clv_models); null before the first.';
comment on column cdp.customer_clv.reason is 'Why there is no prediction, or why it is zero; null otherwise.';
comment on column cdp.customer_clv.order_days is 'Revenue orders; several on one day in Argentina count once.';
comment on column cdp.customer_clv.p_alive is 'Probability that the customer still buys, by BG/NBD whatever the method. Null after one order: that model takes everybody for alive until their second.';
comment on column cdp.customer_clv.churn_probability is '1 - p_alive.';
comment on column cdp.customer_clv.early_warning is 'churn_probability has reached the shop''s threshold (customer_settings.churn_warning, usually 0.7).';
comment on column cdp.customer_clv.warned_since is 'Day on which it did, without another order; null without a warning.';
comment on column cdp.customer_clv.expected_orders_1y is 'Orders expected within a year of as_of; null where the method predicts value only, or nothing.';
comment on column cdp.customer_clv.expected_orders_3y is 'Orders expected within three years.';
comment on column cdp.customer_clv.expected_orders_5y is 'Orders expected within five years.';
comment on column cdp.customer_clv.value_1y is 'Net value expected within a year. Real: in prices of the month of model_as_of, discounted to as_of by the shop''s yearly rate (customer_settings.discount_rate), each year''s value from its middle.';
comment on column cdp.customer_clv.value_3y is 'Net value expected within three years, as value_1y.';
comment on column cdp.customer_clv.value_5y is 'Net value expected within five years, as value_1y.';
comment on column cdp.customer_clv.historical_net is 'What the customer brought before as_of, net of returns. Nominal: as paid.';
comment on column cdp.customer_clv.historical_real is 'The same in prices of the month of model_as_of; as paid where the shop is not deflated.';
comment on column cdp.customer_clv.total_value is 'historical_real + value_3y; without a prediction historical_real alone.';
comment on column cdp.customer_clv.tier is 'High, Medium or Low by total_value: by share of the shop''s customers, or by amounts (customer_settings). Equal values are in the same tier; nothing above zero is Low.';
comment on column cdp.customer_clv.as_of is 'Moment of the calculation that last changed the row.';
comment on column cdp.customer_clv.sync_run_id is 'The newest sync run behind that calculation.';

create unlogged table staging.customer_clv (
    tenant_id integer not null,
    customer_id uuid not null,
    reason text,
    order_days integer not null,
    p_alive double precision,
    churn_probability double precision,
    early_warning boolean not null,
    warned_since date,
    expected_orders_1y double precision,
    expected_orders_3y double precision,
    expected_orders_5y double precision,
    value_1y double precision,
    value_3y double precision,
    value_5y double precision,
    historical_net double precision not null,
    historical_real double precision not null,
    total_value double precision not null,
    primary key (tenant_id, customer_id)
);

comment on table staging.customer_clv is 'Lifetime value just calculated, inside the transaction that calculates it: one row per (tenant_id, customer_id). Columns as in cdp.customer_clv.';

do $$
declare
    line record;
begin
    for line in
        select staged.attname as name, col_description(kept.attrelid, kept.attnum) as comment
        from pg_attribute as staged
        inner join pg_attribute as kept
            on kept.attrelid = 'cdp.customer_clv'::regclass and staged.attname = kept.attname
        where staged.attrelid = 'staging.customer_clv'::regclass and staged.attnum > 0
    loop
        execute format('comment on column staging.customer_clv.%I is %L', line.name, line.comment);
    end loop;
end
$$;
