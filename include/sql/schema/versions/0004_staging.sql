-- schema/versions/0004_staging.sql: typed documents between landing and merge
-- grain:       one row per document (orders), per line of a document (order_items)
-- parameters:  none
-- idempotent:  no; Alembic runs it once

create unlogged table staging.orders (
    tenant_id integer not null,
    batch_id text not null,
    document_no integer not null,
    fetched_at timestamptz not null,
    listing_hash bigint,
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
    currency text,
    total_cents bigint not null,
    items_cents bigint,
    discounts_cents bigint,
    shipping_cents bigint,
    tax_cents bigint,
    other_cents bigint,
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
    customer_id uuid,
    identified_by text,
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
    primary key (tenant_id, batch_id, document_no)
);

comment on table staging.orders is 'Documents of a run, typed: one row per (tenant_id, batch_id, document_no). Money in cents. Columns as in cdp.order_events and cdp.customers; the documents themselves stay in landing until the merge knows which of them count.';
comment on column staging.orders.document_no is 'Position of the document in the run''s landing parts, from 0.';

create unlogged table staging.order_items (
    tenant_id integer not null,
    batch_id text not null,
    document_no integer not null,
    item_index integer not null,
    unique_id text,
    sku_id text,
    product_id text,
    seller_id text,
    name text,
    ref_id text,
    ean text,
    brand_id text,
    brand_name text,
    category_ids text,
    quantity bigint not null,
    list_price_cents bigint,
    price_cents bigint,
    selling_price_cents bigint,
    tax_cents bigint,
    discount_cents bigint,
    shipping_price_cents bigint,
    measurement_unit text,
    unit_multiplier numeric,
    is_gift boolean,
    primary key (tenant_id, batch_id, document_no, item_index)
);

comment on table staging.order_items is 'Lines of those documents: one row per (tenant_id, batch_id, document_no, item_index). Money in cents. Columns as in cdp.order_items and cdp.products.';

comment on column staging.orders.total_cents is 'What the order costs, in cents.';
comment on column staging.orders.items_cents is 'Total of the items before discounts, in cents.';
comment on column staging.orders.discounts_cents is 'Total of discounts, in cents; zero or negative.';
comment on column staging.orders.shipping_cents is 'Total of shipping, in cents.';
comment on column staging.orders.tax_cents is 'Total of taxes, in cents.';
comment on column staging.orders.other_cents is 'Every other total VTEX lists, in cents; null where there is none.';

comment on column staging.order_items.document_no is 'The document the line is of (staging.orders).';
comment on column staging.order_items.list_price_cents is 'Unit price before any offer, in cents.';
comment on column staging.order_items.price_cents is 'Unit price on offer, before discounts, in cents.';
comment on column staging.order_items.selling_price_cents is 'Unit price paid, in cents.';
comment on column staging.order_items.tax_cents is 'Tax of the line, in cents.';
comment on column staging.order_items.discount_cents is 'Discounts on the line, in cents; zero or negative, null where its price tags give no amount.';
comment on column staging.order_items.shipping_price_cents is 'Shipping VTEX attributes to the line, in cents; usually null.';

-- Every other column becomes one of cdp and means the same: it takes that one's comment.
do $$
declare
    like_cdp record;
begin
    for like_cdp in
        select distinct on (staged.attrelid, staged.attnum)
            staged.attrelid::regclass as relation,
            staged.attname as name,
            col_description(kept.attrelid, kept.attnum) as comment
        from (
            values
            (1, 'staging.orders', 'cdp.order_events'),
            (2, 'staging.orders', 'cdp.customers'),
            (3, 'staging.orders', 'cdp.order_fetches'),
            (4, 'staging.orders', 'cdp.sync_runs'),
            (1, 'staging.order_items', 'cdp.order_items'),
            (2, 'staging.order_items', 'cdp.products'),
            (3, 'staging.order_items', 'cdp.sync_runs')
        ) as source (turn, from_table, to_table)
        inner join pg_attribute as staged on staged.attrelid = from_table::regclass and staged.attnum > 0
        inner join pg_attribute as kept on kept.attrelid = to_table::regclass and kept.attname = staged.attname
        where col_description(staged.attrelid, staged.attnum) is null
        order by staged.attrelid, staged.attnum, source.turn
    loop
        execute format('comment on column %s.%I is %L', like_cdp.relation, like_cdp.name, like_cdp.comment);
    end loop;
end
$$;
