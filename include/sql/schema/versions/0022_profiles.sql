-- schema/versions/0022_profiles.sql: what an order counts for, prices, profiles
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.order_outcomes (
    status text primary key,
    outcome text not null check (outcome in ('revenue', 'pending', 'cancelled', 'cart')),
    reason text not null
);

comment on table cdp.order_outcomes is 'What an order counts for, by VTEX''s status: one row per status. A cart (is_completed is false) is one whatever its status; a status that is not here counts as unknown.';
comment on column cdp.order_outcomes.status is 'VTEX status; '''' for none.';
comment on column cdp.order_outcomes.outcome is 'revenue, pending, cancelled or cart.';
comment on column cdp.order_outcomes.reason is 'Why.';

insert into cdp.order_outcomes (status, outcome, reason) values
(
    '',
    'pending',
    'VTEX shows no status, though the order is complete: the other seller''s half of a purchase, or an order just made'
),
('detail.state.null', 'pending', 'VTEX''s text for no status'),
('incomplete', 'cart', 'never finished'),
('order-created', 'pending', 'not paid yet'),
('order-accepted', 'pending', 'not paid yet'),
('order-completed', 'pending', 'not paid yet'),
('on-order-completed', 'pending', 'not paid yet; orders may be stuck in it'),
('on-order-completed-ffm', 'pending', 'not paid yet; orders may be stuck in it'),
('payment-pending', 'pending', 'not paid yet, for ever if the buyer lets it lapse'),
('window-to-change-payment', 'pending', 'the buyer may pay otherwise'),
('window-to-change-seller', 'pending', 'the seller declined; another is looked for'),
('waiting-for-authorization', 'pending', 'a person or rule has to approve'),
('waiting-for-manual-authorization', 'pending', 'a person has to approve'),
('waiting-for-order-authorization', 'pending', 'a person or rule has to approve'),
('waiting-for-mkt-authorization', 'pending', 'the marketplace has to approve'),
('waiting-ffmt-authorization', 'pending', 'the marketplace has to release it'),
('waiting-for-seller-decision', 'pending', 'the seller has not answered'),
('waiting-for-sellers-confirmation', 'pending', 'the sellers have not answered'),
('waiting-seller-handling', 'revenue', 'paid; the seller prepares it'),
('waiting-for-fulfillment', 'revenue', 'paid; on its way to the warehouse'),
('release-to-fulfillment', 'revenue', 'paid; on its way to the warehouse'),
('approve-payment', 'revenue', 'the payment is being approved'),
('payment-approved', 'revenue', 'paid'),
('authorize-fulfillment', 'revenue', 'paid'),
('window-to-cancel', 'revenue', 'paid; the buyer may still cancel'),
('ready-for-handling', 'revenue', 'paid'),
('start-handling', 'revenue', 'paid'),
('handling', 'revenue', 'paid'),
('ready-for-invoicing', 'revenue', 'paid'),
('invoice', 'revenue', 'paid; the invoice is being made'),
('invoiced', 'revenue', 'invoiced'),
('shipped', 'revenue', 'on its way'),
('delivered', 'revenue', 'delivered'),
('invoice-after-cancellation-deny', 'revenue', 'a cancellation was denied'),
('cancellation-request-denied-ffm', 'revenue', 'a cancellation was denied'),
(
    'cancellation-requested',
    'revenue',
    'the buyer asks for a cancellation, which may be denied: it counts until it is granted'
),
('cancelation-request', 'revenue', 'the same, as VTEX spells it in places'),
('request-cancel', 'cancelled', 'being cancelled'),
('cancel', 'cancelled', 'being cancelled'),
('canceled', 'cancelled', 'cancelled'),
('cancelled', 'cancelled', 'cancelled, as some sellers spell it'),
('replaced', 'cancelled', 'another order took its place'),
('order-create-error', 'cancelled', 'could not be made'),
('order-creation-error', 'cancelled', 'could not be made');

create table cdp.tenant_order_outcomes (
    tenant_id integer not null references cdp.tenants,
    status text not null,
    outcome text not null check (outcome in ('revenue', 'pending', 'cancelled', 'cart')),
    reason text not null,
    primary key (tenant_id, status)
);

comment on table cdp.tenant_order_outcomes is 'What an order of a shop counts for where it is not as in cdp.order_outcomes: one row per (tenant_id, status), written by hand. Holds for all orders from the next daily calculation on.';
comment on column cdp.tenant_order_outcomes.tenant_id is 'The shop.';
comment on column cdp.tenant_order_outcomes.status is 'VTEX status; '''' for none.';
comment on column cdp.tenant_order_outcomes.outcome is 'revenue, pending, cancelled or cart.';
comment on column cdp.tenant_order_outcomes.reason is 'Why.';

create index order_packages_returned on cdp.order_packages (tenant_id, order_id) where package_type = 'Input';

create table cdp.price_index (
    tenant_id integer not null,
    month date not null,
    index double precision not null,
    change double precision not null,
    products integer not null,
    primary key (tenant_id, month)
);

comment on table cdp.price_index is 'Prices of a shop, month by month: one row per (tenant_id, month). Made of what it sells, so that money of two years ago can be told in prices of today.';
comment on column cdp.price_index.tenant_id is 'The shop.';
comment on column cdp.price_index.month is 'First day of the month, in Argentina.';
comment on column cdp.price_index.index is 'Prices relative to the shop''s first month, which is 1.';
comment on column cdp.price_index.change is 'Median, over products sold in both months, of the mean price of a unit relative to the month before; 1 if fewer than ten were.';
comment on column cdp.price_index.products is 'Products sold in both months.';

create table cdp.customer_profiles (
    tenant_id integer not null,
    customer_id uuid not null,
    first_order_date timestamptz,
    first_order_id text,
    second_order_date timestamptz,
    second_order_id text,
    last_order_date timestamptz,
    last_order_id text,
    orders integer not null,
    units bigint not null,
    gross numeric(18, 2) not null,
    net numeric(18, 2) not null,
    average_ticket numeric(18, 2),
    usual_interval_days numeric(12, 3),
    next_expected_date timestamptz,
    cancelled integer not null,
    pending integer not null,
    unknown integer not null,
    carts integer not null,
    returns integer not null,
    returned numeric(18, 2) not null,
    favourite_category text,
    favourite_brand text,
    favourite_channel text,
    favourite_payment text,
    coupon_share numeric(5, 4),
    discount_share numeric(5, 4),
    marketplace_share numeric(5, 4),
    opt_in_newsletter boolean,
    city text,
    state text,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, customer_id)
);

comment on table cdp.customer_profiles is 'What customers bought: one row per (tenant_id, customer_id). Orders are those that count as revenue (cdp.order_outcomes), unless a column says otherwise.';
comment on column cdp.customer_profiles.tenant_id is 'The shop.';
comment on column cdp.customer_profiles.customer_id is 'The customer.';
comment on column cdp.customer_profiles.first_order_date is 'When the first order was made; null without any.';
comment on column cdp.customer_profiles.first_order_id is 'The first order.';
comment on column cdp.customer_profiles.second_order_date is 'When the second was made.';
comment on column cdp.customer_profiles.second_order_id is 'The second order.';
comment on column cdp.customer_profiles.last_order_date is 'When the last was made.';
comment on column cdp.customer_profiles.last_order_id is 'The last order.';
comment on column cdp.customer_profiles.orders is 'Number of orders.';
comment on column cdp.customer_profiles.units is 'Units bought.';
comment on column cdp.customer_profiles.gross is 'What the orders cost, nominal.';
comment on column cdp.customer_profiles.net is 'gross less what was returned, nominal.';
comment on column cdp.customer_profiles.average_ticket is 'net by orders.';
comment on column cdp.customer_profiles.usual_interval_days is 'Median of the days between one day with orders and the next; null with fewer than two.';
comment on column cdp.customer_profiles.next_expected_date is 'last_order_date plus the usual interval; null where that is.';
comment on column cdp.customer_profiles.cancelled is 'Cancelled orders.';
comment on column cdp.customer_profiles.pending is 'Orders not paid yet.';
comment on column cdp.customer_profiles.unknown is 'Orders of a status that is not in cdp.order_outcomes.';
comment on column cdp.customer_profiles.carts is 'Carts that never became orders.';
comment on column cdp.customer_profiles.returns is 'Returns: packages of type Input, one for each invoice number.';
comment on column cdp.customer_profiles.returned is 'What was given back for them.';
comment on column cdp.customer_profiles.favourite_category is 'Category (ids as VTEX writes them) bought in the most orders; then for the most money, then by name.';
comment on column cdp.customer_profiles.favourite_brand is 'Brand bought in the most orders, in the same way.';
comment on column cdp.customer_profiles.favourite_channel is 'Sales channel of the most orders.';
comment on column cdp.customer_profiles.favourite_payment is 'Group of payment of the most orders.';
comment on column cdp.customer_profiles.coupon_share is 'Share of orders with a coupon.';
comment on column cdp.customer_profiles.discount_share is 'Discounts by the price of the items before them.';
comment on column cdp.customer_profiles.marketplace_share is 'Share of orders that a marketplace sent.';
comment on column cdp.customer_profiles.opt_in_newsletter is 'Consent, of the latest order that says it, whatever became of it.';
comment on column cdp.customer_profiles.city is 'Where the latest order that shows it goes.';
comment on column cdp.customer_profiles.state is 'State or province of that order.';
comment on column cdp.customer_profiles.as_of is 'Moment of the calculation that last changed the row.';
comment on column cdp.customer_profiles.sync_run_id is 'The newest sync run behind that calculation.';
