-- schema/versions/0025_readers.sql: months of customers, and products bought together
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.customer_months (
    tenant_id integer not null references cdp.tenants,
    customer_id uuid not null,
    month date not null,
    cohort date not null,
    orders integer not null,
    gross numeric(18, 2) not null,
    net numeric(18, 2) not null,
    units bigint not null,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, customer_id, month)
);

comment on table cdp.customer_months is 'Months in which customers bought: one row per (tenant_id, customer_id, month) with a revenue order. cdp.cohort_retention is made of it.';
comment on column cdp.customer_months.tenant_id is 'The shop.';
comment on column cdp.customer_months.customer_id is 'Who bought (cdp.customers).';
comment on column cdp.customer_months.month is 'First day of the month, in Argentina.';
comment on column cdp.customer_months.cohort is 'First day of the month of the customer''s first revenue order.';
comment on column cdp.customer_months.orders is 'Revenue orders of the month.';
comment on column cdp.customer_months.gross is 'What they cost. Nominal: as paid.';
comment on column cdp.customer_months.net is 'gross less what was returned of these orders, whenever that was. Nominal.';
comment on column cdp.customer_months.units is 'Units bought.';
comment on column cdp.customer_months.as_of is 'Moment of the calculation that last changed the row.';
comment on column cdp.customer_months.sync_run_id is 'The newest sync run behind that calculation.';

create table cdp.product_pairs (
    tenant_id integer not null references cdp.tenants,
    product_id text not null,
    other_product_id text not null,
    orders integer not null,
    product_orders integer not null,
    other_orders integer not null,
    all_orders integer not null,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, product_id, other_product_id)
);

comment on table cdp.product_pairs is 'How often two products are in the same order: one row per (tenant_id, product_id, other_product_id), both ways round. cdp.products_bought_together reads it, with names and ratios. Calculated when everyone is, of the 365 days before.';
comment on column cdp.product_pairs.tenant_id is 'The shop.';
comment on column cdp.product_pairs.product_id is 'A product: VTEX product id, the SKU id where there is none. Only the 2,000 that are in most orders.';
comment on column cdp.product_pairs.other_product_id is 'A product bought with it: of each product the 20 that were bought with it most often, in 3 orders at least.';
comment on column cdp.product_pairs.orders is 'Revenue orders with both. Gifts do not count, nor orders of more than 20 products.';
comment on column cdp.product_pairs.product_orders is 'Revenue orders with product_id.';
comment on column cdp.product_pairs.other_orders is 'Revenue orders with other_product_id.';
comment on column cdp.product_pairs.all_orders is 'Revenue orders looked at.';
comment on column cdp.product_pairs.as_of is 'Moment of the calculation that last changed the row.';
comment on column cdp.product_pairs.sync_run_id is 'The newest sync run behind that calculation.';
