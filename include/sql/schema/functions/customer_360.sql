-- schema/functions/customer_360.sql: all that is known of a customer
-- grain:       one row per (tenant_id, customer_id)
-- parameters:  none
-- idempotent:  yes; applied again by every migration
drop view if exists cdp.customer_360;
create view cdp.customer_360 with (security_invoker = true) as
select
    customer.tenant_id,
    customer.customer_id,
    customer.identified_by,
    customer.is_corporate,
    coalesce(customer.corporate_name, concat_ws(' ', customer.first_name, customer.last_name)) as name,
    customer.email,
    customer.phone,
    profile.first_order_date,
    profile.last_order_date,
    profile.orders,
    profile.units,
    profile.gross,
    profile.net,
    profile.average_ticket,
    profile.usual_interval_days,
    profile.next_expected_date,
    profile.cancelled,
    profile.returns,
    profile.favourite_category,
    profile.favourite_brand,
    profile.favourite_channel,
    profile.favourite_payment,
    profile.coupon_share,
    profile.marketplace_share,
    profile.opt_in_newsletter,
    profile.city,
    profile.state,
    clv.method as value_method,
    clv.p_alive,
    clv.churn_probability,
    clv.early_warning,
    clv.expected_orders_1y,
    clv.value_1y,
    clv.value_3y,
    clv.value_5y,
    clv.total_value,
    clv.tier as value_tier,
    rfm.score as rfm_score,
    rfm.segment,
    rfm.tier as segment_tier,
    segments.action as suggested_action,
    journey.stage,
    journey.since as stage_since,
    journey.next_transition_at
from cdp.customers as customer
left join cdp.customer_profiles as profile
    on customer.tenant_id = profile.tenant_id and customer.customer_id = profile.customer_id
left join cdp.customer_clv as clv
    on customer.tenant_id = clv.tenant_id and customer.customer_id = clv.customer_id
left join cdp.customer_rfm as rfm
    on customer.tenant_id = rfm.tenant_id and customer.customer_id = rfm.customer_id and rfm.window_days = 0
left join cdp.rfm_segments as segments on rfm.score = segments.score
left join cdp.customer_journeys as journey
    on customer.tenant_id = journey.tenant_id and customer.customer_id = journey.customer_id;

comment on view cdp.customer_360 is 'Personal data. All that is known of a customer: one row per (tenant_id, customer_id).';
comment on column cdp.customer_360.tenant_id is 'The shop.';
comment on column cdp.customer_360.customer_id is 'The customer.';
comment on column cdp.customer_360.identified_by is 'As in cdp.customers.';
comment on column cdp.customer_360.is_corporate is 'A company.';
comment on column cdp.customer_360.name is 'Name of the company, or of the person.';
comment on column cdp.customer_360.email is 'As in cdp.customers.';
comment on column cdp.customer_360.phone is 'As in cdp.customers.';
comment on column cdp.customer_360.first_order_date is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.last_order_date is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.orders is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.units is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.gross is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.net is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.average_ticket is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.usual_interval_days is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.next_expected_date is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.cancelled is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.returns is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.favourite_category is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.favourite_brand is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.favourite_channel is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.favourite_payment is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.coupon_share is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.marketplace_share is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.opt_in_newsletter is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.city is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.state is 'As in cdp.customer_profiles.';
comment on column cdp.customer_360.value_method is 'What predicted the values (cdp.customer_clv.method).';
comment on column cdp.customer_360.p_alive is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.churn_probability is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.early_warning is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.expected_orders_1y is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.value_1y is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.value_3y is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.value_5y is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.total_value is 'As in cdp.customer_clv.';
comment on column cdp.customer_360.value_tier is 'High, Medium or Low by total_value.';
comment on column cdp.customer_360.rfm_score is 'Score of the whole life (cdp.customer_rfm).';
comment on column cdp.customer_360.segment is 'Segment of that score.';
comment on column cdp.customer_360.segment_tier is 'Premium, Growth, Attention or Critical.';
comment on column cdp.customer_360.suggested_action is 'What to do next (cdp.rfm_segments).';
comment on column cdp.customer_360.stage is 'As in cdp.customer_journeys.';
comment on column cdp.customer_360.stage_since is 'When that began.';
comment on column cdp.customer_360.next_transition_at is 'When silence will move the customer on.';
