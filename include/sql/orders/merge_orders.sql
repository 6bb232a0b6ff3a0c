-- orders/merge_orders.sql: staging.orders -> cdp.order_events
-- grain:       one row per (tenant_id, order_id); answers one row: superseded, inserted, updated, unchanged.
--              Leaves in staging.orders only the documents it wrote, for the statements that follow
-- parameters:  tenant_id, batch_id, sync_run_id
-- idempotent:  yes; the newest last_change wins, so a replay or a late batch changes nothing
with batch as (

    -- ordered by key, so that rows are locked in one order
    select distinct on (order_id) *
    from staging.orders
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s
    order by order_id asc, last_change desc, fetched_at desc, document_no desc

),

written as (

    insert into cdp.order_events as target (
        tenant_id, order_id, fetched_at, sync_run_id,
        status, order_date, authorized_at, invoiced_at, last_change,
        is_completed, order_group, sequence, origin, sales_channel,
        affiliate_id, marketplace_order_id, seller_order_id, marketplace_name, hostname,
        seller_ids, customer_id, currency, total, items_total,
        discounts_total, shipping_total, tax_total, other_total, item_count,
        unit_count, payment_method, payment_group, payment_count, installments,
        coupon, utm_source, utm_medium, utm_campaign, utmi_campaign,
        delivery_channel, shipping_country, shipping_state, shipping_city, shipping_postal_code,
        tracking_number, cancel_reason
    )
    select
        tenant_id, order_id, fetched_at, %(sync_run_id)s,
        status, order_date, authorized_at, invoiced_at, last_change,
        is_completed, order_group, sequence, origin, sales_channel,
        affiliate_id, marketplace_order_id, seller_order_id, marketplace_name, hostname,
        seller_ids, customer_id, currency, total_cents * 0.01, items_cents * 0.01,
        discounts_cents * 0.01, shipping_cents * 0.01, tax_cents * 0.01, other_cents * 0.01, item_count,
        unit_count, payment_method, payment_group, payment_count, installments,
        coupon, utm_source, utm_medium, utm_campaign, utmi_campaign,
        delivery_channel, shipping_country, shipping_state, shipping_city, shipping_postal_code,
        tracking_number, cancel_reason
    from batch
    on conflict (tenant_id, order_id) do update set
        fetched_at = excluded.fetched_at,
        sync_run_id = excluded.sync_run_id,
        synced_at = now(),
        status = excluded.status,
        order_date = excluded.order_date,
        authorized_at = excluded.authorized_at,
        invoiced_at = excluded.invoiced_at,
        last_change = excluded.last_change,
        is_completed = excluded.is_completed,
        order_group = excluded.order_group,
        sequence = excluded.sequence,
        origin = excluded.origin,
        sales_channel = excluded.sales_channel,
        affiliate_id = excluded.affiliate_id,
        marketplace_order_id = excluded.marketplace_order_id,
        seller_order_id = excluded.seller_order_id,
        marketplace_name = excluded.marketplace_name,
        hostname = excluded.hostname,
        seller_ids = excluded.seller_ids,
        customer_id = excluded.customer_id,
        currency = excluded.currency,
        total = excluded.total,
        items_total = excluded.items_total,
        discounts_total = excluded.discounts_total,
        shipping_total = excluded.shipping_total,
        tax_total = excluded.tax_total,
        other_total = excluded.other_total,
        item_count = excluded.item_count,
        unit_count = excluded.unit_count,
        payment_method = excluded.payment_method,
        payment_group = excluded.payment_group,
        payment_count = excluded.payment_count,
        installments = excluded.installments,
        coupon = excluded.coupon,
        utm_source = excluded.utm_source,
        utm_medium = excluded.utm_medium,
        utm_campaign = excluded.utm_campaign,
        utmi_campaign = excluded.utmi_campaign,
        delivery_channel = excluded.delivery_channel,
        shipping_country = excluded.shipping_country,
        shipping_state = excluded.shipping_state,
        shipping_city = excluded.shipping_city,
        shipping_postal_code = excluded.shipping_postal_code,
        tracking_number = excluded.tracking_number,
        cancel_reason = excluded.cancel_reason
    where
        (excluded.last_change, excluded.fetched_at) > (target.last_change, target.fetched_at)
        and (
            excluded.status, excluded.order_date, excluded.authorized_at, excluded.invoiced_at,
            excluded.last_change, excluded.is_completed, excluded.order_group, excluded.sequence,
            excluded.origin, excluded.sales_channel, excluded.affiliate_id, excluded.marketplace_order_id,
            excluded.seller_order_id, excluded.marketplace_name, excluded.hostname, excluded.seller_ids,
            excluded.customer_id, excluded.currency, excluded.total, excluded.items_total,
            excluded.discounts_total, excluded.shipping_total, excluded.tax_total, excluded.other_total,
            excluded.item_count, excluded.unit_count, excluded.payment_method, excluded.payment_group,
            excluded.payment_count, excluded.installments, excluded.coupon, excluded.utm_source,
            excluded.utm_medium, excluded.utm_campaign, excluded.utmi_campaign, excluded.delivery_channel,
            excluded.shipping_country, excluded.shipping_state, excluded.shipping_city, excluded.shipping_postal_code,
            excluded.tracking_number, excluded.cancel_reason
        ) is distinct from (
            target.status, target.order_date, target.authorized_at, target.invoiced_at,
            target.last_change, target.is_completed, target.order_group, target.sequence,
            target.origin, target.sales_channel, target.affiliate_id, target.marketplace_order_id,
            target.seller_order_id, target.marketplace_name, target.hostname, target.seller_ids,
            target.customer_id, target.currency, target.total, target.items_total,
            target.discounts_total, target.shipping_total, target.tax_total, target.other_total,
            target.item_count, target.unit_count, target.payment_method, target.payment_group,
            target.payment_count, target.installments, target.coupon, target.utm_source,
            target.utm_medium, target.utm_campaign, target.utmi_campaign, target.delivery_channel,
            target.shipping_country, target.shipping_state, target.shipping_city, target.shipping_postal_code,
            target.tracking_number, target.cancel_reason
        )
    returning target.order_id, (xmax = 0) as inserted

),

dropped as (

    delete from staging.orders
    where
        tenant_id = %(tenant_id)s
        and batch_id = %(batch_id)s
        and document_no not in (select batch.document_no from batch inner join written using (order_id))

),

counts as (

    select
        count(*) filter (where inserted) as inserted,
        count(*) filter (where not inserted) as updated
    from written

)

select
    staged.documents - batched.orders as superseded,
    counts.inserted,
    counts.updated,
    batched.orders - counts.inserted - counts.updated as unchanged
from counts
cross join (select count(*) as orders from batch) as batched
cross join (
    select count(*) as documents from staging.orders
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s
) as staged;
