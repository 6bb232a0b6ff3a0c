-- schema/versions/0002_orders.sql: orders, their items, documents, customers and products
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create table cdp.order_events (
    tenant_id integer not null references cdp.tenants,
    order_id text not null,
    status text,
    order_date timestamptz not null,
    authorized_at timestamptz,
    invoiced_at timestamptz,
    last_change timestamptz not null,
    is_completed boolean,
    order_group text,
    sequence text,
    origin text,
    sales_channel text,
    affiliate_id text,
    marketplace_order_id text,
    seller_order_id text,
    marketplace_name text,
    hostname text,
    seller_ids text[] not null,
    customer_id uuid,
    currency text,
    total numeric(18, 2) not null,
    items_total numeric(18, 2),
    discounts_total numeric(18, 2),
    shipping_total numeric(18, 2),
    tax_total numeric(18, 2),
    other_total numeric(18, 2),
    item_count integer not null,
    unit_count bigint not null,
    payment_method text,
    payment_group text,
    payment_count integer not null,
    installments integer,
    coupon text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    utmi_campaign text,
    delivery_channel text,
    shipping_country text,
    shipping_state text,
    shipping_city text,
    shipping_postal_code text,
    tracking_number text,
    cancel_reason text,
    fetched_at timestamptz not null,
    synced_at timestamptz not null default now(),
    sync_run_id bigint not null,
    primary key (tenant_id, order_id)
);

create index order_events_by_date on cdp.order_events (tenant_id, order_date);
create index order_events_by_run on cdp.order_events (tenant_id, sync_run_id);

comment on table cdp.order_events is 'Orders: one row per (tenant_id, order_id), always the newest version VTEX has shown us.';
comment on column cdp.order_events.tenant_id is 'The shop.';
comment on column cdp.order_events.order_id is 'VTEX orderId; one per seller of a purchase. No fixed format.';
comment on column cdp.order_events.status is 'VTEX status, free text; "" and null are kept apart, as VTEX does.';
comment on column cdp.order_events.order_date is 'creationDate, to the microsecond (VTEX''s seventh digit is cut off).';
comment on column cdp.order_events.authorized_at is 'authorizedDate: the payment was approved.';
comment on column cdp.order_events.invoiced_at is 'invoicedDate: the first invoice.';
comment on column cdp.order_events.last_change is 'lastChange: the version of the order.';
comment on column cdp.order_events.is_completed is 'isCompleted: false for carts that have not become an order yet.';
comment on column cdp.order_events.order_group is 'The purchase, shared by the orders of its sellers.';
comment on column cdp.order_events.sequence is 'VTEX sequence; readable, not a key.';
comment on column cdp.order_events.origin is 'Marketplace or Fulfillment: on which side of a sale this account stands.';
comment on column cdp.order_events.sales_channel is 'Trade policy id ("política comercial").';
comment on column cdp.order_events.affiliate_id is 'Affiliate through which a marketplace sent the order; "" for the shop''s own.';
comment on column cdp.order_events.marketplace_order_id is 'The order''s id at the marketplace.';
comment on column cdp.order_events.seller_order_id is 'The order''s id at the seller; pairs one sale across two accounts.';
comment on column cdp.order_events.marketplace_name is 'Account of the marketplace.';
comment on column cdp.order_events.hostname is 'Host (account) where the purchase was made.';
comment on column cdp.order_events.seller_ids is 'Sellers of this order; "1" is the shop itself.';
comment on column cdp.order_events.customer_id is 'Who bought (cdp.customers); null where the document names nobody.';
comment on column cdp.order_events.currency is 'ISO 4217 code of the store.';
comment on column cdp.order_events.total is 'value: what the order costs, in currency units, exact. The sum of the five totals below.';
comment on column cdp.order_events.items_total is 'Total of the items before discounts.';
comment on column cdp.order_events.discounts_total is 'Total of discounts; zero or negative.';
comment on column cdp.order_events.shipping_total is 'Total of shipping.';
comment on column cdp.order_events.tax_total is 'Total of taxes.';
comment on column cdp.order_events.other_total is 'Every other total VTEX lists, such as Change after an edit; null where there is none.';
comment on column cdp.order_events.item_count is 'Lines of the order.';
comment on column cdp.order_events.unit_count is 'Units over all lines.';
comment on column cdp.order_events.payment_method is 'Names of the payment systems, sorted, joined by " + ".';
comment on column cdp.order_events.payment_group is 'Groups of the payment systems, sorted, joined by " + ".';
comment on column cdp.order_events.payment_count is 'Payments in active transactions.';
comment on column cdp.order_events.installments is 'Largest number of instalments among the payments.';
comment on column cdp.order_events.coupon is 'Coupon code.';
comment on column cdp.order_events.utm_source is 'utm_source of the visit.';
comment on column cdp.order_events.utm_medium is 'utm_medium of the visit.';
comment on column cdp.order_events.utm_campaign is 'utm_campaign of the visit.';
comment on column cdp.order_events.utmi_campaign is 'VTEX''s internal campaign tag.';
comment on column cdp.order_events.delivery_channel is 'delivery or pickup-in-point, of the first line.';
comment on column cdp.order_events.shipping_country is 'Country of the delivery address, ISO 3166-1 alpha-3.';
comment on column cdp.order_events.shipping_state is 'Province of the delivery address.';
comment on column cdp.order_events.shipping_city is 'City of the delivery address.';
comment on column cdp.order_events.shipping_postal_code is 'Postal code of the delivery address.';
comment on column cdp.order_events.tracking_number is 'Tracking number of the first outgoing package that has one.';
comment on column cdp.order_events.cancel_reason is 'Why it was cancelled; VTEX writes it seconds after the status.';
comment on column cdp.order_events.fetched_at is 'When VTEX served this version, by VTEX''s clock.';
comment on column cdp.order_events.synced_at is 'When this version was written here.';
comment on column cdp.order_events.sync_run_id is 'The run that wrote this version (cdp.sync_runs).';

create table cdp.order_items (
    tenant_id integer not null,
    order_id text not null,
    item_index integer not null,
    unique_id text,
    sku_id text,
    product_id text,
    seller_id text,
    name text,
    ref_id text,
    quantity bigint not null,
    list_price numeric(18, 2),
    price numeric(18, 2),
    selling_price numeric(18, 2),
    tax numeric(18, 2),
    discount numeric(18, 2),
    shipping_price numeric(18, 2),
    measurement_unit text,
    unit_multiplier numeric,
    is_gift boolean,
    primary key (tenant_id, order_id, item_index),
    foreign key (tenant_id, order_id) references cdp.order_events
);

comment on table cdp.order_items is 'Lines of orders: one row per (tenant_id, order_id, item_index), as in the newest version of the order.';
comment on column cdp.order_items.tenant_id is 'The shop.';
comment on column cdp.order_items.order_id is 'The order.';
comment on column cdp.order_items.item_index is 'Position in the order, from 0; VTEX''s shipping and packages refer to it.';
comment on column cdp.order_items.unique_id is 'VTEX uniqueId of the line.';
comment on column cdp.order_items.sku_id is 'SKU sold (cdp.products).';
comment on column cdp.order_items.product_id is 'Product of the SKU.';
comment on column cdp.order_items.seller_id is 'Seller of the line; "1" is the shop itself.';
comment on column cdp.order_items.name is 'Name as sold.';
comment on column cdp.order_items.ref_id is 'The shop''s own reference.';
comment on column cdp.order_items.quantity is 'Units.';
comment on column cdp.order_items.list_price is 'Unit price before any offer.';
comment on column cdp.order_items.price is 'Unit price on offer, before discounts.';
comment on column cdp.order_items.selling_price is 'Unit price paid.';
comment on column cdp.order_items.tax is 'Tax of the line.';
comment on column cdp.order_items.discount is 'Discounts on the line, from its price tags; zero or negative, null where the tags give no amount.';
comment on column cdp.order_items.shipping_price is 'Shipping VTEX attributes to the line; usually null.';
comment on column cdp.order_items.measurement_unit is 'Unit of measure, such as un or kg.';
comment on column cdp.order_items.unit_multiplier is 'Quantity of the measure in one unit.';
comment on column cdp.order_items.is_gift is 'The line is a gift.';

create table cdp.order_payloads (
    tenant_id integer not null,
    order_id text not null,
    document json not null,
    primary key (tenant_id, order_id),
    foreign key (tenant_id, order_id) references cdp.order_events
);

-- The server's default compression takes longer than everything else a merge does. A server built without lz4 keeps
-- the documents as they are: more disk, no time.
do $$
begin
    alter table cdp.order_payloads alter column document set compression lz4;
exception when feature_not_supported then
    alter table cdp.order_payloads alter column document set storage external;
end
$$;

comment on table cdp.order_payloads is 'The document behind each row of cdp.order_events, byte for byte as VTEX served it; apart, so that the main table stays narrow.';
comment on column cdp.order_payloads.tenant_id is 'The shop.';
comment on column cdp.order_payloads.order_id is 'The order.';
comment on column cdp.order_payloads.document is 'Answer of Get Order. json, not jsonb: kept as served, and half the cost to write; cast to jsonb to search in it.';

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
    is_corporate boolean,
    corporate_name text,
    corporate_document text,
    last_order_date timestamptz not null,
    last_order_id text not null,
    synced_at timestamptz not null default now(),
    primary key (tenant_id, customer_id)
);

comment on table cdp.customers is 'People and companies who bought: one row per (tenant_id, customer_id), described as in their latest order.';
comment on column cdp.customers.tenant_id is 'The shop.';
comment on column cdp.customers.customer_id is 'Derived from tenant and identity, so that the same person has the same id after any replay.';
comment on column cdp.customers.identified_by is 'document, email or profile: what the identity rests on, in this order of preference.';
comment on column cdp.customers.document is 'DNI, CUIT or other document, digits and letters only.';
comment on column cdp.customers.document_type is 'Kind of document as VTEX names it.';
comment on column cdp.customers.email is 'Address, lower case, VTEX''s per-order alias removed; null where VTEX hides it.';
comment on column cdp.customers.user_profile_id is 'VTEX userProfileId.';
comment on column cdp.customers.first_name is 'First name.';
comment on column cdp.customers.last_name is 'Last name.';
comment on column cdp.customers.phone is 'Telephone.';
comment on column cdp.customers.is_corporate is 'Bought as a company.';
comment on column cdp.customers.corporate_name is 'Company name.';
comment on column cdp.customers.corporate_document is 'Company document, digits and letters only.';
comment on column cdp.customers.last_order_date is 'order_date of the order these attributes come from.';
comment on column cdp.customers.last_order_id is 'The order these attributes come from.';
comment on column cdp.customers.synced_at is 'When the row was last changed.';

create table cdp.products (
    tenant_id integer not null references cdp.tenants,
    sku_id text not null,
    product_id text,
    name text,
    ref_id text,
    ean text,
    brand_id text,
    brand_name text,
    category_ids text,
    last_order_date timestamptz not null,
    last_order_id text not null,
    synced_at timestamptz not null default now(),
    primary key (tenant_id, sku_id)
);

comment on table cdp.products is 'SKUs seen in orders: one row per (tenant_id, sku_id), described as in the latest order that has it.';
comment on column cdp.products.tenant_id is 'The shop.';
comment on column cdp.products.sku_id is 'VTEX SKU id.';
comment on column cdp.products.product_id is 'VTEX product id.';
comment on column cdp.products.name is 'Name as sold.';
comment on column cdp.products.ref_id is 'The shop''s own reference.';
comment on column cdp.products.ean is 'Bar code.';
comment on column cdp.products.brand_id is 'VTEX brand id.';
comment on column cdp.products.brand_name is 'Brand.';
comment on column cdp.products.category_ids is 'Path of VTEX category ids, such as /17/22/.';
comment on column cdp.products.last_order_date is 'order_date of the order these attributes come from.';
comment on column cdp.products.last_order_id is 'The order these attributes come from.';
comment on column cdp.products.synced_at is 'When the row was last changed.';
