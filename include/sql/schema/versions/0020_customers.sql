-- schema/versions/0020_customers.sql: who bought each order; whose orders they are; what a calculation of customers is
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

drop table cdp.customers;
alter table cdp.order_events drop column customer_id;
alter table staging.orders
drop column customer_id,
drop column identified_by,
add column document_key uuid,
add column company_key uuid,
add column email_key uuid,
add column profile_key uuid,
add column phone_key uuid;

create table cdp.order_buyers (
    tenant_id integer not null,
    order_id text not null,
    document text,
    document_type text,
    email text,
    user_profile_id text,
    first_name text,
    last_name text,
    phone text,
    is_corporate boolean,
    corporate_name text,
    corporate_document text,
    document_key uuid,
    company_key uuid,
    email_key uuid,
    profile_key uuid,
    phone_key uuid,
    primary key (tenant_id, order_id)
);

comment on table cdp.order_buyers is 'Personal data. Who bought, as the order shows it: one row per (tenant_id, order_id); nulls where it shows nobody, no row where VTEX masked the buyer from the first.';
comment on column cdp.order_buyers.tenant_id is 'The shop.';
comment on column cdp.order_buyers.order_id is 'The order.';
comment on column cdp.order_buyers.document is 'DNI or other document of the person, digits and letters only.';
comment on column cdp.order_buyers.document_type is 'Kind of document as VTEX names it.';
comment on column cdp.order_buyers.email is 'Address, lower case, VTEX''s per-order alias removed; null where VTEX hides it.';
comment on column cdp.order_buyers.user_profile_id is 'VTEX userProfileId.';
comment on column cdp.order_buyers.first_name is 'First name.';
comment on column cdp.order_buyers.last_name is 'Last name.';
comment on column cdp.order_buyers.phone is 'Telephone as typed.';
comment on column cdp.order_buyers.is_corporate is 'Bought as a company.';
comment on column cdp.order_buyers.corporate_name is 'Company name.';
comment on column cdp.order_buyers.corporate_document is 'Company document (CUIT), digits and letters only.';
comment on column cdp.order_buyers.document_key is 'Identifier made of the document: cdp.identifier_key(tenant_id, ''document'', document).';
comment on column cdp.order_buyers.company_key is 'Identifier made of the company document.';
comment on column cdp.order_buyers.email_key is 'Identifier made of the address.';
comment on column cdp.order_buyers.profile_key is 'Identifier made of the VTEX profile.';
comment on column cdp.order_buyers.phone_key is 'Identifier made of the telephone, digits only; weak: it never makes two people one.';

do $$
declare
    line record;
begin
    for line in
        select kept.attname as name, col_description(kept.attrelid, kept.attnum) as comment
        from pg_attribute as kept
        where kept.attrelid = 'cdp.order_buyers'::regclass and kept.attnum > 2
    loop
        execute format('comment on column staging.orders.%I is %L', line.name, line.comment);
    end loop;
end
$$;

comment on table staging.orders is 'Documents of a run, typed: one row per (tenant_id, batch_id, document_no). Money in cents. Columns as in cdp.order_events and cdp.order_buyers; the documents themselves stay in landing until the merge knows which of them count.';

create table cdp.order_changes (
    tenant_id integer not null,
    change_no bigint generated always as identity,
    order_id text not null,
    sync_run_id bigint not null,
    primary key (tenant_id, sync_run_id, order_id)
);

comment on table cdp.order_changes is 'Orders written or vanished since customers were last calculated: one row per (tenant_id, sync_run_id, order_id), from the transaction that wrote it; gone when identify has taken it.';
comment on column cdp.order_changes.tenant_id is 'The shop.';
comment on column cdp.order_changes.change_no is 'Number of the write; another one if the run writes the order again, so that what was read is not taken for what was written since.';
comment on column cdp.order_changes.order_id is 'The order.';
comment on column cdp.order_changes.sync_run_id is 'The run that wrote it (cdp.sync_runs).';

create table cdp.customers (
    tenant_id integer not null references cdp.tenants,
    customer_id uuid not null,
    identified_by text not null,
    document text,
    document_type text,
    email text,
    user_profile_id text,
    first_name text,
    last_name text,
    phone text,
    is_corporate boolean not null,
    corporate_name text,
    corporate_document text,
    last_order_date timestamptz not null,
    last_order_id text not null,
    as_of timestamptz not null,
    sync_run_id bigint,
    primary key (tenant_id, customer_id)
);

comment on table cdp.customers is 'Personal data. People and companies who ordered: one row per (tenant_id, customer_id), described as in their latest order.';
comment on column cdp.customers.tenant_id is 'The shop.';
comment on column cdp.customers.customer_id is 'The identifier of theirs that was seen first: the same after any replay or recalculation.';
comment on column cdp.customers.identified_by is 'Kind of that identifier: document, company, email, profile or phone.';
comment on column cdp.customers.document is 'DNI or other document, digits and letters only.';
comment on column cdp.customers.document_type is 'Kind of document as VTEX names it.';
comment on column cdp.customers.email is 'Address, lower case, VTEX''s per-order alias removed; null where VTEX hides it.';
comment on column cdp.customers.user_profile_id is 'VTEX userProfileId.';
comment on column cdp.customers.first_name is 'First name.';
comment on column cdp.customers.last_name is 'Last name.';
comment on column cdp.customers.phone is 'Telephone.';
comment on column cdp.customers.is_corporate is 'A company.';
comment on column cdp.customers.corporate_name is 'Company name.';
comment on column cdp.customers.corporate_document is 'Company document, digits and letters only.';
comment on column cdp.customers.last_order_date is 'order_date of the order these attributes come from.';
comment on column cdp.customers.last_order_id is 'The order these attributes come from.';
comment on column cdp.customers.as_of is 'Moment of the calculation that last changed the row.';
comment on column cdp.customers.sync_run_id is 'The newest sync run behind that calculation.';

create table cdp.customer_orders (
    tenant_id integer not null,
    order_id text not null,
    customer_id uuid not null,
    order_date timestamptz not null,
    outcome text not null,
    gross numeric(18, 2) not null,
    net numeric(18, 2) not null,
    units bigint not null,
    primary key (tenant_id, order_id)
);

create index customer_orders_by_customer on cdp.customer_orders (tenant_id, customer_id, order_date);

comment on table cdp.customer_orders is 'Whose order it is, and what it counts for: one row per (tenant_id, order_id) of an order that shows who bought and has not vanished. Every measure of customers is made of it.';
comment on column cdp.customer_orders.tenant_id is 'The shop.';
comment on column cdp.customer_orders.order_id is 'The order.';
comment on column cdp.customer_orders.customer_id is 'Who bought (cdp.customers).';
comment on column cdp.customer_orders.order_date is 'When (order_events.order_date).';
comment on column cdp.customer_orders.outcome is 'revenue, pending, cancelled, cart or unknown, by its status (cdp.order_outcomes).';
comment on column cdp.customer_orders.gross is 'What it cost; 0 unless its outcome is revenue.';
comment on column cdp.customer_orders.net is 'gross less what was returned; below zero if more came back than was paid.';
comment on column cdp.customer_orders.units is 'Units bought; 0 unless its outcome is revenue.';

create table cdp.customers_touched (
    tenant_id integer not null,
    customer_id uuid not null,
    since timestamptz not null,
    primary key (tenant_id, customer_id)
);

comment on table cdp.customers_touched is 'Customers to be calculated again, those among them that exist no longer: filled by identify, emptied by the last step.';
comment on column cdp.customers_touched.tenant_id is 'The shop.';
comment on column cdp.customers_touched.customer_id is 'The customer.';
comment on column cdp.customers_touched.since is 'Date of the oldest order that changed, in the calculation that touched them.';

create table cdp.customer_calculations (
    tenant_id integer not null,
    calculation_id bigint generated always as identity,
    run_id text not null,
    as_of timestamptz not null,
    everyone boolean not null,
    sync_run_id bigint,
    counts jsonb not null default '{}',
    primary key (tenant_id, calculation_id),
    unique (tenant_id, run_id)
);

comment on table cdp.customer_calculations is 'Calculations of customers: one row per run of cdp_customers__<slug>.';
comment on column cdp.customer_calculations.tenant_id is 'The shop.';
comment on column cdp.customer_calculations.calculation_id is 'Number of the calculation.';
comment on column cdp.customer_calculations.run_id is 'The DAG run.';
comment on column cdp.customer_calculations.as_of is 'The moment at which everything is seen.';
comment on column cdp.customer_calculations.everyone is 'Calculated for all customers, not only for those whose orders changed.';
comment on column cdp.customer_calculations.sync_run_id is 'The newest sync run whose orders are in it (cdp.sync_runs).';
comment on column cdp.customer_calculations.counts is 'What each step did, by name.';

create table cdp.customer_settings (
    tenant_id integer primary key references cdp.tenants,
    identity_limit integer check (identity_limit > 0),
    rfm_windows integer[],
    discount_rate numeric check (discount_rate >= 0),
    deflate boolean,
    tier_high_share numeric check (tier_high_share between 0 and 1),
    tier_medium_share numeric check (tier_medium_share between 0 and 1),
    tier_high_amount numeric check (tier_high_amount > 0),
    tier_medium_amount numeric check (tier_medium_amount > 0),
    churn_warning numeric check (churn_warning between 0 and 1),
    loyal_orders integer check (loyal_orders > 1),
    vip_share numeric check (vip_share between 0 and 1),
    at_risk_intervals numeric check (at_risk_intervals > 0),
    dormant_intervals numeric check (dormant_intervals > 0),
    usual_interval_days numeric check (usual_interval_days > 0),
    constraint dormant_after_at_risk check (dormant_intervals > at_risk_intervals),
    constraint high_above_medium check (tier_high_amount > tier_medium_amount)
);

comment on table cdp.customer_settings is 'How a shop''s customers are calculated, where it is not as usual: at most one row a shop; null is the usual.';
comment on column cdp.customer_settings.tenant_id is 'The shop.';
comment on column cdp.customer_settings.identity_limit is 'Distinct documents that one e-mail, profile or telephone may belong to before it is blocked; usually 5.';
comment on column cdp.customer_settings.rfm_windows is 'Windows in days for which RFM is calculated besides the whole life, such as {30,90,365}; usually none.';
comment on column cdp.customer_settings.discount_rate is 'Yearly rate at which future value is discounted; usually 0.10.';
comment on column cdp.customer_settings.deflate is 'Value customers in prices of today, by the shop''s own price index, from the next training on; usually true.';
comment on column cdp.customer_settings.tier_high_share is 'Share of customers in the High tier; usually 0.15.';
comment on column cdp.customer_settings.tier_medium_share is 'Share of customers in the Medium tier; usually 0.40.';
comment on column cdp.customer_settings.tier_high_amount is 'Total value from which a customer is in the High tier, instead of a share.';
comment on column cdp.customer_settings.tier_medium_amount is 'Total value from which a customer is in the Medium tier, instead of a share.';
comment on column cdp.customer_settings.churn_warning is 'Churn probability from which a customer is warned of; usually 0.7.';
comment on column cdp.customer_settings.loyal_orders is 'Orders from which a customer is Loyal; usually 3.';
comment on column cdp.customer_settings.vip_share is 'Share of customers, by net revenue, who are VIP; usually 0.05.';
comment on column cdp.customer_settings.at_risk_intervals is 'Usual intervals without an order after which a customer is At Risk; usually 2.';
comment on column cdp.customer_settings.dormant_intervals is 'Usual intervals without an order after which a customer is Dormant; usually 4.';
comment on column cdp.customer_settings.usual_interval_days is 'The shop''s usual interval between orders; usually the median of its customers''.';
