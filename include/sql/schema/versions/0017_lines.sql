-- schema/versions/0017_lines.sql: payments, packages, shipping, promotions, cancellations and addresses of orders; columns
--                                 of orders and of their items
-- grain:       stated in each table's comment
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table cdp.order_events
add column discounts_agree boolean,
add column alternative_totals jsonb,
add column rounding_error numeric(18, 2),
add column opt_in_newsletter boolean,
add column client_locale text,
add column marketing_tags text [],
add column utm_partner text,
add column utmi_page text,
add column utmi_part text,
add column workflow_in_error boolean,
add column is_checked_in boolean,
add column checked_in_pickup_point_id text,
add column call_center_operator text,
add column merchant_name text,
add column gift_registry_id text,
add column gift_registry_type text,
add column order_form_id text,
add column creation_environment text,
add column open_text text,
add column custom_data jsonb,
add column subscription jsonb,
add column changes jsonb;

comment on column cdp.order_events.discounts_agree is 'Whether the document says the same of its discounts in price tags, in selling prices and in its total of discounts, but for cents of rounding. Where false, every column holds what the document says in its place; null where one of them says nothing.';
comment on column cdp.order_events.discounts_total is 'Total of discounts; zero or negative. Those on shipping are not in it, but in shipping_total already.';
comment on column cdp.order_events.shipping_total is 'Total of shipping, after its discounts.';
comment on column cdp.order_events.alternative_totals is 'alternativeTotals by the id of their total, as received; null where VTEX lists none. Money in cents.';
comment on column cdp.order_events.rounding_error is 'What rounding line by line adds or takes.';
comment on column cdp.order_events.opt_in_newsletter is 'Whether the buyer asked for the shop''s newsletter in this purchase.';
comment on column cdp.order_events.client_locale is 'Language of the purchase, such as es-AR.';
comment on column cdp.order_events.marketing_tags is 'Marketing tags, in VTEX''s order.';
comment on column cdp.order_events.utm_partner is 'Partner of the visit.';
comment on column cdp.order_events.utmi_page is 'VTEX''s internal tag of the page (utmi_p).';
comment on column cdp.order_events.utmi_part is 'VTEX''s internal tag of the part of the page (utmi_pc).';
comment on column cdp.order_events.workflow_in_error is 'Stuck in VTEX with an error that no retry resolves.';
comment on column cdp.order_events.is_checked_in is 'Sold in a physical store (VTEX Sales App).';
comment on column cdp.order_events.checked_in_pickup_point_id is 'That store, if it is a pickup point.';
comment on column cdp.order_events.call_center_operator is 'Name of the call-centre operator who made the order.';
comment on column cdp.order_events.merchant_name is 'Merchant, where an external seller has a name of its own.';
comment on column cdp.order_events.gift_registry_id is 'Gift list the order was bought from.';
comment on column cdp.order_events.gift_registry_type is 'Name of the gift list''s kind.';
comment on column cdp.order_events.order_form_id is 'The cart it was; shared by the orders of a purchase.';
comment on column cdp.order_events.creation_environment is 'VTEX environment: STABLE or BETA.';
comment on column cdp.order_events.open_text is 'Text left with the order, as buyer or operator wrote it: may hold personal data.';
comment on column cdp.order_events.custom_data is 'customData: fields of the shop''s own apps, as received: may hold personal data. Null where there are none; NUL is U+FFFD; null too with a number of thousands of digits.';
comment on column cdp.order_events.subscription is 'subscriptionData, as received; null where the order is of no subscription.';
comment on column cdp.order_events.changes is 'changesAttachment.changesData: edits after the purchase, as received; null where there are none. Money in cents.';

alter table cdp.order_items
add column line_total numeric(18, 2),
add column seller_sku text,
add column ean text,
add column brand_id text,
add column brand_name text,
add column category_ids text,
add column cost_price numeric(18, 2),
add column manual_price numeric(18, 2),
add column reward_value numeric,
add column commission numeric,
add column freight_commission numeric,
add column weight double precision,
add column height double precision,
add column length double precision,
add column width double precision,
add column cubic_weight double precision,
add column presale_date timestamptz,
add column parent_item_index integer,
add column parent_assembly text,
add column component_count integer,
add column price_tags jsonb,
add column bundle_items jsonb,
add column attachments jsonb;

comment on column cdp.order_items.discount is 'Discounts on the line, all units: its price tags but those of shipping (order_shipments.discount) and taxes; zero or negative, null where nothing gives an amount.';
comment on column cdp.order_items.price is 'Unit price on offer, before discounts; of one unit of measure where unit_multiplier is not 1.';
comment on column cdp.order_items.line_total is 'What all units cost after discounts, correctly rounded (priceDefinition.total); null in older documents.';
comment on column cdp.order_items.seller_sku is 'SKU at the seller.';
comment on column cdp.order_items.ean is 'Bar code at the time of sale.';
comment on column cdp.order_items.brand_id is 'VTEX brand id at the time of sale.';
comment on column cdp.order_items.brand_name is 'Brand at the time of sale.';
comment on column cdp.order_items.category_ids is 'Path of VTEX category ids at the time of sale, such as /17/22/.';
comment on column cdp.order_items.cost_price is 'costPrice of a unit.';
comment on column cdp.order_items.manual_price is 'Unit price that an operator set by hand.';
comment on column cdp.order_items.reward_value is 'rewardValue, as VTEX sends it.';
comment on column cdp.order_items.commission is 'Commission on the seller, as VTEX sends it.';
comment on column cdp.order_items.freight_commission is 'Commission on the seller''s shipping, as VTEX sends it.';
comment on column cdp.order_items.weight is 'Packed weight of a unit, in the catalogue''s unit (grams as VTEX recommends).';
comment on column cdp.order_items.height is 'Packed height of a unit, in the catalogue''s unit (centimetres).';
comment on column cdp.order_items.length is 'Packed length of a unit, in the catalogue''s unit (centimetres).';
comment on column cdp.order_items.width is 'Packed width of a unit, in the catalogue''s unit (centimetres).';
comment on column cdp.order_items.cubic_weight is 'Volumetric weight of a unit.';
comment on column cdp.order_items.presale_date is 'Until when it was sold before its release.';
comment on column cdp.order_items.parent_item_index is 'Line it belongs to (item_index), where it is a part chosen for another.';
comment on column cdp.order_items.parent_assembly is 'Assembly option by which it belongs to that line.';
comment on column cdp.order_items.component_count is 'Components, where the SKU is a kit.';
comment on column cdp.order_items.price_tags is 'Price tags: name, identifier (promotion), value in cents, rawValue in currency units, isPercentual where true; null where there are none.';
comment on column cdp.order_items.bundle_items is 'Services sold with the line, such as gift wrap, as received; null where there are none. Money in cents.';
comment on column cdp.order_items.attachments is 'Customisation and other attachments of the line, as received: may hold personal data. Null where there are none.';

-- Rows of these tables are written only together with their order, by one statement from its documents: a foreign key
-- would cost a third of their writing, and find nothing. Addresses have one: no order may go and leave a person's behind.
create table cdp.order_payments (
    tenant_id integer not null,
    order_id text not null,
    payment_index integer not null,
    payment_id text,
    transaction_id text,
    is_active boolean,
    merchant_name text,
    payment_system_id text,
    payment_system text,
    payment_group text,
    value numeric(18, 2),
    reference_value numeric(18, 2),
    installments integer,
    due_date date,
    gift_card_id text,
    gift_card_name text,
    gift_card_provider text,
    is_gift_card_discount boolean,
    payment_origin text,
    tid text,
    authorization_id text,
    nsu text,
    acquirer text,
    acquirer_status text,
    return_code text,
    primary key (tenant_id, order_id, payment_index)
);

comment on table cdp.order_payments is 'Payments of orders, of every transaction: one row per (tenant_id, order_id, payment_index). Digits and holders of cards, and codes that can be spent, are never in it.';
comment on column cdp.order_payments.payment_index is 'Position over all transactions of the order, from 0.';
comment on column cdp.order_payments.payment_id is 'VTEX payment id; the orders of one purchase share their payments.';
comment on column cdp.order_payments.transaction_id is 'VTEX transaction id; shared by the orders of a purchase.';
comment on column cdp.order_payments.is_active is 'False for a transaction that another one replaced.';
comment on column cdp.order_payments.merchant_name is 'Merchant of the transaction.';
comment on column cdp.order_payments.payment_system_id is 'VTEX id of the payment system, such as 2 for Visa.';
comment on column cdp.order_payments.payment_system is 'Name of the payment system.';
comment on column cdp.order_payments.payment_group is 'Group of the payment system: creditCard, giftCard, promissory …';
comment on column cdp.order_payments.value is 'What was paid, interest included. Of the whole purchase: add up by payment_id, not by order.';
comment on column cdp.order_payments.reference_value is 'What of it was for the purchase, without interest.';
comment on column cdp.order_payments.installments is 'Number of instalments.';
comment on column cdp.order_payments.due_date is 'Day until which a bank slip is to be paid.';
comment on column cdp.order_payments.gift_card_id is 'VTEX id of the gift card; not its code.';
comment on column cdp.order_payments.gift_card_name is 'Name of the gift card, such as a loyalty programme''s.';
comment on column cdp.order_payments.gift_card_provider is 'Provider of the gift card.';
comment on column cdp.order_payments.is_gift_card_discount is 'The gift card counts as a discount, not as a payment.';
comment on column cdp.order_payments.payment_origin is 'Wallet that was used, if any.';
comment on column cdp.order_payments.tid is 'Transaction id at the acquirer.';
comment on column cdp.order_payments.authorization_id is 'Authorisation code.';
comment on column cdp.order_payments.nsu is 'Sequence number at the acquirer.';
comment on column cdp.order_payments.acquirer is 'Acquirer or gateway.';
comment on column cdp.order_payments.acquirer_status is 'Status as the acquirer names it.';
comment on column cdp.order_payments.return_code is 'Return code of the acquirer.';

create table cdp.order_packages (
    tenant_id integer not null,
    order_id text not null,
    package_index integer not null,
    package_type text,
    invoice_number text,
    invoice_key text,
    invoice_value numeric(18, 2),
    invoice_url text,
    issued_at timestamptz,
    courier text,
    tracking_number text,
    tracking_url text,
    courier_status text,
    is_delivered boolean,
    delivered_at timestamptz,
    volumes integer,
    refund numeric(18, 2),
    restitutions jsonb,
    primary key (tenant_id, order_id, package_index)
);

comment on table cdp.order_packages is 'Invoices of orders and their packages, returns among them: one row per (tenant_id, order_id, package_index).';
comment on column cdp.order_packages.package_index is 'Position in the order, from 0.';
comment on column cdp.order_packages.package_type is 'Output: a sale. Input: a return.';
comment on column cdp.order_packages.invoice_number is 'Number of the invoice.';
comment on column cdp.order_packages.invoice_key is 'Fiscal key of the invoice.';
comment on column cdp.order_packages.invoice_value is 'Amount of the invoice.';
comment on column cdp.order_packages.invoice_url is 'Where the invoice is.';
comment on column cdp.order_packages.issued_at is 'When it was issued, as the shop''s system says; null if that is no date.';
comment on column cdp.order_packages.courier is 'Courier, as the shop''s system says.';
comment on column cdp.order_packages.tracking_number is 'Tracking number.';
comment on column cdp.order_packages.tracking_url is 'Page of the courier to follow it.';
comment on column cdp.order_packages.courier_status is 'Status as the courier names it.';
comment on column cdp.order_packages.is_delivered is 'The courier says it arrived.';
comment on column cdp.order_packages.delivered_at is 'When it arrived, as the courier says; null if that is no date.';
comment on column cdp.order_packages.volumes is 'Boxes.';
comment on column cdp.order_packages.refund is 'What the buyer is given back (restitutions.Refund.value), of a return.';
comment on column cdp.order_packages.restitutions is 'restitutions: refunds and the lines they are for, as received; null where there are none. Money in cents.';

create table cdp.order_package_items (
    tenant_id integer not null,
    order_id text not null,
    package_item_index integer not null,
    package_index integer not null,
    item_index integer,
    quantity integer,
    price numeric(18, 2),
    primary key (tenant_id, order_id, package_item_index)
);

comment on table cdp.order_package_items is 'What is in the packages of orders: one row per (tenant_id, order_id, package_item_index). Joined with order_packages of type Input, these are returns by line.';
comment on column cdp.order_package_items.package_item_index is 'Position over all packages of the order, from 0.';
comment on column cdp.order_package_items.package_index is 'The package (cdp.order_packages).';
comment on column cdp.order_package_items.item_index is 'The line of the order (cdp.order_items).';
comment on column cdp.order_package_items.quantity is 'Units in the package.';
comment on column cdp.order_package_items.price is 'Unit price on the invoice.';

create table cdp.order_shipments (
    tenant_id integer not null,
    order_id text not null,
    shipment_index integer not null,
    item_index integer,
    sla text,
    delivery_channel text,
    promised_at timestamptz,
    shipping_estimate text,
    transit_time text,
    window_start timestamptz,
    window_end timestamptz,
    list_price numeric(18, 2),
    price numeric(18, 2),
    selling_price numeric(18, 2),
    discount numeric(18, 2),
    delivery_company text,
    courier_ids text,
    warehouse_ids text,
    dock_ids text,
    pickup_point_id text,
    pickup_point_name text,
    address_id text,
    polygon_name text,
    primary key (tenant_id, order_id, shipment_index)
);

comment on table cdp.order_shipments is 'How each line of an order is delivered: one row per (tenant_id, order_id, shipment_index), usually one per line.';
comment on column cdp.order_shipments.shipment_index is 'Position in the order''s logisticsInfo, from 0: not the line''s.';
comment on column cdp.order_shipments.item_index is 'The line (cdp.order_items).';
comment on column cdp.order_shipments.sla is 'Shipping option that was chosen.';
comment on column cdp.order_shipments.delivery_channel is 'delivery or pickup-in-point.';
comment on column cdp.order_shipments.promised_at is 'When it is to arrive (shippingEstimateDate); null before the payment is approved.';
comment on column cdp.order_shipments.shipping_estimate is 'Time to deliver, such as 5bd for five business days.';
comment on column cdp.order_shipments.transit_time is 'The courier''s part of it.';
comment on column cdp.order_shipments.window_start is 'Scheduled delivery: begin.';
comment on column cdp.order_shipments.window_end is 'Scheduled delivery: end.';
comment on column cdp.order_shipments.list_price is 'Shipping of the line before discounts.';
comment on column cdp.order_shipments.price is 'Shipping of the line.';
comment on column cdp.order_shipments.selling_price is 'Shipping of the line as paid.';
comment on column cdp.order_shipments.discount is 'Discounts on the line''s shipping, from its price tags (discount@shipping…); zero or negative, null where nothing gives an amount. In price already. On the line''s first shipment, if it has several.';
comment on column cdp.order_shipments.delivery_company is 'Courier, as VTEX names it.';
comment on column cdp.order_shipments.courier_ids is 'VTEX ids of its couriers, sorted, joined by " + ".';
comment on column cdp.order_shipments.warehouse_ids is 'VTEX ids of the warehouses it comes from, sorted, joined by " + ".';
comment on column cdp.order_shipments.dock_ids is 'VTEX ids of the loading docks, sorted, joined by " + ".';
comment on column cdp.order_shipments.pickup_point_id is 'Pickup point, if it is fetched by the buyer.';
comment on column cdp.order_shipments.pickup_point_name is 'Name of the pickup point.';
comment on column cdp.order_shipments.address_id is 'Where it goes (cdp.order_addresses).';
comment on column cdp.order_shipments.polygon_name is 'Delivery area.';

create table cdp.order_promotions (
    tenant_id integer not null,
    order_id text not null,
    promotion_index integer not null,
    promotion_id text,
    name text,
    is_featured boolean,
    coupon text,
    item_discount numeric(18, 2),
    shipping_discount numeric(18, 2),
    primary key (tenant_id, order_id, promotion_index)
);

comment on table cdp.order_promotions is 'Promotions and taxes applied to orders (rates and benefits): one row per (tenant_id, order_id, promotion_index).';
comment on column cdp.order_promotions.promotion_index is 'Position in the order, from 0.';
comment on column cdp.order_promotions.promotion_id is 'VTEX id of the promotion; price tags name it as their identifier.';
comment on column cdp.order_promotions.name is 'Name of the promotion.';
comment on column cdp.order_promotions.is_featured is 'VTEX''s featured.';
comment on column cdp.order_promotions.coupon is 'Coupon by which it applied; null if by none.';
comment on column cdp.order_promotions.item_discount is 'Discount on the items by the price tags that name it; null where none does.';
comment on column cdp.order_promotions.shipping_discount is 'Discount on shipping by the price tags that name it; null where none does.';

create table cdp.order_cancellations (
    tenant_id integer not null,
    order_id text not null,
    cancellation_index integer not null,
    is_done boolean not null,
    request_id text,
    happened_at timestamptz,
    reason text,
    by_user boolean,
    by_system boolean,
    by_seller boolean,
    by_payment boolean,
    is_denied boolean,
    denied_reason text,
    denied_at timestamptz,
    primary key (tenant_id, order_id, cancellation_index)
);

comment on table cdp.order_cancellations is 'Requests to cancel an order, and its cancellation: one row per (tenant_id, order_id, cancellation_index).';
comment on column cdp.order_cancellations.cancellation_index is 'Position, from 0: the requests as VTEX lists them, then the cancellation.';
comment on column cdp.order_cancellations.is_done is 'True: the cancellation. False: a request for it.';
comment on column cdp.order_cancellations.request_id is 'VTEX id of the request; the cancellation carries that of the request it answers.';
comment on column cdp.order_cancellations.happened_at is 'When it was cancelled, or requested.';
comment on column cdp.order_cancellations.reason is 'Reason given; free text.';
comment on column cdp.order_cancellations.by_user is 'The buyer asked for it.';
comment on column cdp.order_cancellations.by_system is 'VTEX did it, for an incomplete order.';
comment on column cdp.order_cancellations.by_seller is 'The seller did it.';
comment on column cdp.order_cancellations.by_payment is 'The payment was refused.';
comment on column cdp.order_cancellations.is_denied is 'The seller denied the request.';
comment on column cdp.order_cancellations.denied_reason is 'Why the seller denied it.';
comment on column cdp.order_cancellations.denied_at is 'When the seller denied it.';

create table cdp.order_addresses (
    tenant_id integer not null,
    order_id text not null,
    address_index integer not null,
    address_id text,
    address_type text,
    receiver text,
    street text,
    number text,
    complement text,
    neighborhood text,
    reference text,
    postal_code text,
    city text,
    state text,
    country text,
    longitude double precision,
    latitude double precision,
    primary key (tenant_id, order_id, address_index),
    foreign key (tenant_id, order_id) references cdp.order_events
);

comment on table cdp.order_addresses is 'Personal data. Where orders go: one row per (tenant_id, order_id, address_index); more than one only if lines go to different addresses.';
comment on column cdp.order_addresses.address_index is 'Position, from 0: the order''s address, then others selected for its lines.';
comment on column cdp.order_addresses.address_id is 'VTEX id of the address; order_shipments.address_id names it.';
comment on column cdp.order_addresses.address_type is 'residential, commercial, pickup …; a pickup point''s address is the shop''s.';
comment on column cdp.order_addresses.receiver is 'Who receives it.';
comment on column cdp.order_addresses.street is 'Street.';
comment on column cdp.order_addresses.number is 'Number in the street.';
comment on column cdp.order_addresses.complement is 'Floor, flat and the like.';
comment on column cdp.order_addresses.neighborhood is 'Neighbourhood.';
comment on column cdp.order_addresses.reference is 'Hint to find it.';
comment on column cdp.order_addresses.postal_code is 'Postal code.';
comment on column cdp.order_addresses.city is 'City.';
comment on column cdp.order_addresses.state is 'Province.';
comment on column cdp.order_addresses.country is 'Country, ISO 3166-1 alpha-3.';
comment on column cdp.order_addresses.longitude is 'Longitude, as VTEX found it.';
comment on column cdp.order_addresses.latitude is 'Latitude, as VTEX found it.';

comment on table cdp.customers is 'Personal data. People and companies who bought: one row per (tenant_id, customer_id), described as in their latest order.';
comment on table cdp.order_payloads is 'Personal data. The document behind each row of cdp.order_events, byte for byte as VTEX served it; apart, so that the main table stays narrow.';

-- Every table of lines in staging follows from the one in cdp: documents in place of orders, cents in place of currency
-- units.
do $$
declare
    line record;
begin
    for line in
        select new.relation, new.subject
        from (
            values
            ('order_payments', 'Payments'),
            ('order_packages', 'Packages'),
            ('order_package_items', 'What is in the packages'),
            ('order_shipments', 'Shipping of the lines'),
            ('order_promotions', 'Promotions'),
            ('order_cancellations', 'Cancellations'),
            ('order_addresses', 'Personal data. Delivery addresses')
        ) as new (relation, subject)
    loop
        execute format(
            'create unlogged table staging.%1$I (tenant_id integer not null, batch_id text not null, document_no integer not null)',
            line.relation
        );
        execute format(
            'comment on table staging.%1$I is %2$L', line.relation,
            line.subject || ' of the documents of a run, typed. Money in cents. Columns as in cdp.' || line.relation || '.'
        );
        execute format('comment on column staging.%1$I.tenant_id is ''The shop.''', line.relation);
        execute format('comment on column staging.%1$I.batch_id is ''The run''''s batch (cdp.sync_runs).''', line.relation);
        execute format(
            'comment on column staging.%1$I.document_no is ''The document (staging.orders).''', line.relation
        );
        execute format('comment on column cdp.%1$I.tenant_id is ''The shop.''', line.relation);
        execute format('comment on column cdp.%1$I.order_id is ''The order.''', line.relation);
    end loop;

    for line in
        select
            kept.attrelid::regclass as relation,
            case kept.attrelid
                when 'cdp.order_events'::regclass then 'staging.orders'
                else replace(kept.attrelid::regclass::text, 'cdp.', 'staging.')
            end as staged,
            kept.attname || case when is_money then '_cents' else '' end as name,
            case when is_money then 'bigint' else format_type(kept.atttypid, kept.atttypmod) end as type,
            case when kept.attnotnull then 'not null' else '' end as nullness,
            col_description(kept.attrelid, kept.attnum) || case when is_money then ' In cents.' else '' end as comment
        from pg_attribute as kept
        inner join pg_class as relation on kept.attrelid = relation.oid
        cross join lateral (select format_type(kept.atttypid, kept.atttypmod) = 'numeric(18,2)' as is_money) as money
        where
            relation.relnamespace = 'cdp'::regnamespace
            and relation.relkind = 'r'
            and relation.relname in (
                'order_events', 'order_items', 'order_payments', 'order_packages', 'order_package_items',
                'order_shipments', 'order_promotions', 'order_cancellations', 'order_addresses'
            )
            and kept.attnum > 0
            and not kept.attisdropped
            and kept.attname not in ('tenant_id', 'order_id', 'fetched_at', 'synced_at', 'sync_run_id', 'vanished_at', 'buyer_masked', 'typing_version')
        order by kept.attrelid, kept.attnum
    loop
        execute format(
            'alter table %s add column if not exists %I %s %s', line.staged, line.name, line.type, line.nullness
        );
        execute format('comment on column %s.%I is %L', line.staged, line.name, line.comment);
    end loop;

    for line in
        select key.relation, key.name
        from (
            values
            ('order_payments', 'payment_index'),
            ('order_packages', 'package_index'),
            ('order_package_items', 'package_item_index'),
            ('order_shipments', 'shipment_index'),
            ('order_promotions', 'promotion_index'),
            ('order_cancellations', 'cancellation_index'),
            ('order_addresses', 'address_index')
        ) as key (relation, name)
    loop
        execute format(
            'alter table staging.%I add primary key (tenant_id, batch_id, document_no, %I)', line.relation, line.name
        );
    end loop;
end
$$;
