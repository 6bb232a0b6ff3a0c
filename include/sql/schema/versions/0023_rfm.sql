-- schema/versions/0023_rfm.sql: segments by recency, frequency and money
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.rfm_segments (
    score text primary key check (score ~ '^[1-5]{3}$'),
    segment text not null,
    tier text not null check (tier in ('Premium', 'Growth', 'Attention', 'Critical')),
    action text not null,
    source text not null check (source in ('as published', 'contradictory', 'not published'))
);

comment on table cdp.rfm_segments is 'Segments: one row per score of recency, frequency and money, 125 in all.';
comment on column cdp.rfm_segments.score is 'Recency, frequency, money: a digit from 1 to 5 each; 5 is best.';
comment on column cdp.rfm_segments.segment is 'One of eleven.';
comment on column cdp.rfm_segments.tier is 'Premium, Growth, Attention or Critical.';
comment on column cdp.rfm_segments.action is 'What to do next.';
comment on column cdp.rfm_segments.source is 'as published; contradictory: published for two segments, one was chosen; not published.';

insert into cdp.rfm_segments (score, segment, tier, action, source) values
('111', 'Lost', 'Critical', 'a last attempt, then leave them alone', 'contradictory'),
('112', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'as published'),
('113', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('114', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'as published'),
('115', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'as published'),
('121', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'as published'),
('122', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'as published'),
('123', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('124', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'not published'),
('125', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'not published'),
('131', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('132', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('133', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('134', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('135', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('141', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('142', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('143', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('144', 'Can''t Lose Them', 'Critical', 'call or write personally, find out what went wrong', 'contradictory'),
('145', 'Can''t Lose Them', 'Critical', 'call or write personally, find out what went wrong', 'as published'),
('151', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('152', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('153', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('154', 'Can''t Lose Them', 'Critical', 'call or write personally, find out what went wrong', 'contradictory'),
('155', 'Can''t Lose Them', 'Critical', 'call or write personally, find out what went wrong', 'contradictory'),
('211', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('212', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('213', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'not published'),
('214', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'as published'),
('215', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'as published'),
('221', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('222', 'Hibernating', 'Critical', 'one offer of standard products; no more than now and then', 'not published'),
('223', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'not published'),
('224', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'not published'),
('225', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'not published'),
('231', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'as published'),
('232', 'About to Sleep', 'Attention', 'remind them, with what is popular', 'not published'),
('233', 'At Risk', 'Critical', 'write personally, say what is new since', 'as published'),
('234', 'At Risk', 'Critical', 'write personally, say what is new since', 'as published'),
('235', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('241', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'as published'),
('242', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('243', 'At Risk', 'Critical', 'write personally, say what is new since', 'as published'),
('244', 'At Risk', 'Critical', 'write personally, say what is new since', 'contradictory'),
('245', 'Can''t Lose Them', 'Critical', 'call or write personally, find out what went wrong', 'as published'),
('251', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'as published'),
('252', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('253', 'At Risk', 'Critical', 'write personally, say what is new since', 'not published'),
('254', 'Can''t Lose Them', 'Critical', 'call or write personally, find out what went wrong', 'as published'),
('255', 'Can''t Lose Them', 'Critical', 'call or write personally, find out what went wrong', 'as published'),
('311', 'Promising', 'Growth', 'make the shop known, a small incentive for the second order', 'contradictory'),
('312', 'Promising', 'Growth', 'make the shop known, a small incentive for the second order', 'not published'),
('313', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('314', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('315', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('321', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'as published'),
('322', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('323', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('324', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('325', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('331', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'as published'),
('332', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('333', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('334', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('335', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('341', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('342', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('343', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('344', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('345', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('351', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('352', 'Need Attention', 'Attention', 'an offer that ends soon, on what they bought', 'not published'),
('353', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('354', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('355', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('411', 'Promising', 'Growth', 'make the shop known, a small incentive for the second order', 'contradictory'),
('412', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'contradictory'),
('413', 'Promising', 'Growth', 'make the shop known, a small incentive for the second order', 'not published'),
('414', 'Promising', 'Growth', 'make the shop known, a small incentive for the second order', 'not published'),
('415', 'Promising', 'Growth', 'make the shop known, a small incentive for the second order', 'not published'),
('421', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'contradictory'),
('422', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'contradictory'),
('423', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('424', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('425', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('431', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('432', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('433', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('434', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('435', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('441', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('442', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('443', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('444', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('445', 'Champions', 'Premium', 'thank them, show new things first, ask for a review', 'as published'),
('451', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('452', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('453', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('454', 'Champions', 'Premium', 'thank them, show new things first, ask for a review', 'as published'),
('455', 'Champions', 'Premium', 'thank them, show new things first, ask for a review', 'as published'),
('511', 'Promising', 'Growth', 'make the shop known, a small incentive for the second order', 'contradictory'),
('512', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'contradictory'),
('513', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'not published'),
('514', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'not published'),
('515', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'not published'),
('521', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'as published'),
('522', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'as published'),
('523', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'as published'),
('524', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'as published'),
('525', 'Recent Customers', 'Growth', 'welcome them, help with the first product', 'as published'),
('531', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('532', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('533', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('534', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('535', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('541', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('542', 'Potential Loyalists', 'Growth', 'bring them to the next order: what goes with the last one', 'not published'),
('543', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'as published'),
('544', 'Champions', 'Premium', 'thank them, show new things first, ask for a review', 'as published'),
('545', 'Champions', 'Premium', 'thank them, show new things first, ask for a review', 'as published'),
('551', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('552', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('553', 'Loyal Customers', 'Premium', 'offer the next step up, a programme, a larger basket', 'not published'),
('554', 'Champions', 'Premium', 'thank them, show new things first, ask for a review', 'as published'),
('555', 'Champions', 'Premium', 'thank them, show new things first, ask for a review', 'as published');

create table cdp.customer_rfm (
    tenant_id integer not null,
    window_days integer not null,
    customer_id uuid not null,
    last_order_date timestamptz not null,
    orders integer not null,
    net numeric(18, 2) not null,
    recency smallint not null,
    frequency smallint not null,
    money smallint not null,
    score text not null,
    segment text not null,
    tier text not null,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, window_days, customer_id)
);

create index customer_rfm_by_segment on cdp.customer_rfm (tenant_id, window_days, segment);

comment on table cdp.customer_rfm is 'Scores of customers: one row per (tenant_id, window_days, customer_id) with an order that counts as revenue.';
comment on column cdp.customer_rfm.tenant_id is 'The shop.';
comment on column cdp.customer_rfm.window_days is 'Days of orders looked at, before the calculation; 0 for all.';
comment on column cdp.customer_rfm.customer_id is 'The customer.';
comment on column cdp.customer_rfm.last_order_date is 'When the last order was made.';
comment on column cdp.customer_rfm.orders is 'Number of orders.';
comment on column cdp.customer_rfm.net is 'Net revenue, nominal.';
comment on column cdp.customer_rfm.recency is 'Quintile of last_order_date among the shop''s customers, 5 the latest. Equal values have one score: that of the middle of their places.';
comment on column cdp.customer_rfm.frequency is '1 with one order; else 2 to 5, the quartile of the number of orders among those with several.';
comment on column cdp.customer_rfm.money is 'Quintile of net, 5 the most, in the same way as recency.';
comment on column cdp.customer_rfm.score is 'The three scores (cdp.rfm_segments).';
comment on column cdp.customer_rfm.segment is 'Segment of the score.';
comment on column cdp.customer_rfm.tier is 'Tier of the segment.';
comment on column cdp.customer_rfm.as_of is 'Moment of the calculation that last changed the row.';
comment on column cdp.customer_rfm.sync_run_id is 'The newest sync run behind that calculation.';

create table cdp.customer_rfm_history (
    tenant_id integer not null,
    window_days integer not null,
    customer_id uuid not null,
    as_of timestamptz not null,
    score text,
    segment text,
    sync_run_id bigint,
    primary key (tenant_id, window_days, customer_id, as_of)
);

comment on table cdp.customer_rfm_history is 'Changes of scores, append-only: one row per (tenant_id, window_days, customer_id, as_of). What was said of a customer at a moment is the latest row before it.';
comment on column cdp.customer_rfm_history.tenant_id is 'The shop.';
comment on column cdp.customer_rfm_history.window_days is 'As in cdp.customer_rfm.';
comment on column cdp.customer_rfm_history.customer_id is 'The customer.';
comment on column cdp.customer_rfm_history.as_of is 'Moment of the calculation.';
comment on column cdp.customer_rfm_history.score is 'The score from then on; null if there is none any more.';
comment on column cdp.customer_rfm_history.segment is 'The segment from then on.';
comment on column cdp.customer_rfm_history.sync_run_id is 'The newest sync run behind it.';

create view cdp.segment_movement with (security_invoker = true) as
select
    tenant_id,
    window_days,
    customer_id,
    as_of as moved_at,
    lag(segment) over (partition by tenant_id, window_days, customer_id order by as_of) as from_segment,
    segment as to_segment
from cdp.customer_rfm_history;

comment on view cdp.segment_movement is 'Changes of segments and scores: one row per row of cdp.customer_rfm_history. From one moment to another: cdp.segments_between().';
comment on column cdp.segment_movement.tenant_id is 'The shop.';
comment on column cdp.segment_movement.window_days is 'As in cdp.customer_rfm.';
comment on column cdp.segment_movement.customer_id is 'The customer.';
comment on column cdp.segment_movement.moved_at is 'Moment of the calculation that saw it.';
comment on column cdp.segment_movement.from_segment is 'Segment before; null for a new customer.';
comment on column cdp.segment_movement.to_segment is 'Segment from then on; null if there is none any more.';
