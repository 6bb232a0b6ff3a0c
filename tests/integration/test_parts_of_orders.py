"""What stands in the tables of an order's parts, compared with the stored documents by SQL of its own."""

import pytest

ANY_POSTGRES = True
DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"

DOCUMENT = {
    "payments": """
        select o.order_id, t.t ->> 'transactionId', p.p ->> 'id', (p.p ->> 'value')::numeric / 100, p.p ->> 'group',
            (p.p ->> 'installments')::integer, p.p ->> 'giftCardId', p.p -> 'connectorResponses' ->> 'nsu'
        from documents as o
        cross join lateral jsonb_array_elements(d -> 'paymentData' -> 'transactions') as t (t)
        cross join lateral jsonb_array_elements(t.t -> 'payments') as p (p)""",
    "packages": """
        select o.order_id, p.p ->> 'type', p.p ->> 'invoiceNumber', (p.p ->> 'invoiceValue')::numeric / 100,
            (p.p -> 'restitutions' -> 'Refund' ->> 'value')::numeric / 100,
            (p.p -> 'courierStatus' ->> 'finished')::boolean
        from documents as o
        cross join lateral jsonb_array_elements(nullif(d -> 'packageAttachment', 'null') -> 'packages') as p (p)""",
    "packed": """
        select o.order_id, (n - 1)::integer, (i.i ->> 'itemIndex')::integer, (i.i ->> 'quantity')::integer,
            (i.i ->> 'price')::numeric / 100
        from documents as o
        cross join lateral jsonb_array_elements(nullif(d -> 'packageAttachment', 'null') -> 'packages')
            with ordinality as p (p, n)
        cross join lateral jsonb_array_elements(p.p -> 'items') as i (i)""",
    "shipments": """
        select o.order_id, (l.l ->> 'itemIndex')::integer, l.l ->> 'selectedSla', (l.l ->> 'price')::numeric / 100,
            (l.l ->> 'listPrice')::numeric / 100, l.l ->> 'pickupPointId',
            coalesce((
                select sum((tag.tag ->> 'value')::numeric / 100)
                from jsonb_array_elements(d -> 'items' -> (l.l ->> 'itemIndex')::integer -> 'priceTags') as tag (tag)
                where tag.tag ->> 'name' like 'discount@shipping%%'
            ), 0)
        from documents as o
        cross join lateral jsonb_array_elements(nullif(d -> 'shippingData' -> 'logisticsInfo', 'null')) as l (l)""",
    "promotions": """
        select o.order_id, b.b ->> 'id', b.b ->> 'name', b.b -> 'matchedParameters' ->> 'couponCode@Marketing',
            (
                select sum((tag.tag ->> 'value')::numeric / 100)
                from jsonb_array_elements(d -> 'items') as item (item)
                cross join lateral jsonb_array_elements(item.item -> 'priceTags') as tag (tag)
                where tag.tag ->> 'identifier' = b.b ->> 'id'
            )
        from documents as o
        cross join lateral jsonb_path_query(d, '$.ratesAndBenefitsData.rateAndBenefitsIdentifiers[*]') as b (b)""",
    "cancellations": """
        select order_id, false, r.r ->> 'id', r.r ->> 'reason', (r.r ->> 'deniedBySeller')::boolean
        from documents
        cross join lateral jsonb_array_elements(nullif(d -> 'cancellationRequests', 'null')) as r (r)
        union all
        select order_id, true, null, d -> 'cancellationData' ->> 'Reason', null
        from documents where d -> 'cancellationData' ->> 'Reason' is not null""",
    "addresses": """
        select order_id, d -> 'shippingData' -> 'address' ->> 'street',
            d -> 'shippingData' -> 'address' ->> 'receiverName',
            (d -> 'shippingData' -> 'address' -> 'geoCoordinates' ->> 0)::double precision
        from documents""",
    "discounts": """
        select o.order_id, (n - 1)::integer, coalesce(sum((tag.tag ->> 'value')::numeric / 100), 0)
        from documents as o
        cross join lateral jsonb_array_elements(d -> 'items') with ordinality as i (i, n)
        left join lateral jsonb_array_elements(i.i -> 'priceTags') as tag (tag)
            on tag.tag ->> 'name' not like 'discount@shipping%%'
        group by o.order_id, n""",
    "orders": """
        select order_id, (d -> 'clientPreferencesData' ->> 'optinNewsLetter')::boolean,
            d -> 'openTextField' ->> 'value', nullif(d -> 'customData', 'null'),
            nullif(d -> 'subscriptionData', 'null'),
            (
                select jsonb_object_agg(t.t ->> 'id', t.t -> 'alternativeTotals')
                from jsonb_array_elements(d -> 'totals') as t (t)
                where t.t -> 'alternativeTotals' is not null
            )
        from documents""",
}
STORED = {
    "payments": "select order_id, transaction_id, payment_id, value, payment_group, installments, gift_card_id, nsu "
    "from cdp.order_payments",
    "packages": "select order_id, package_type, invoice_number, invoice_value, refund, is_delivered "
    "from cdp.order_packages",
    "packed": "select order_id, package_index, item_index, quantity, price from cdp.order_package_items",
    "shipments": "select order_id, item_index, sla, price, list_price, pickup_point_id, discount "
    "from cdp.order_shipments",
    "promotions": "select order_id, promotion_id, name, coupon, item_discount + shipping_discount "
    "from cdp.order_promotions",
    "cancellations": "select order_id, is_done, request_id, reason, is_denied from cdp.order_cancellations",
    "addresses": "select order_id, street, receiver, longitude from cdp.order_addresses",
    "discounts": "select order_id, item_index, discount from cdp.order_items",
    "orders": "select order_id, opt_in_newsletter, open_text, custom_data, subscription, alternative_totals "
    "from cdp.order_events",
}


@pytest.fixture
def filled(shop):
    """A shop whose orders of a day are merged."""
    shop.sandbox.freeze(NOW)
    shop.sync(DAY)
    return shop


def test_every_table_of_parts_says_what_the_documents_say(filled):
    for name, read in DOCUMENT.items():
        documents = f"with documents as (select order_id, document::jsonb as d from cdp.order_payloads) ({read})"
        unlike = filled.rows(
            f"select 'not stored' as side, x.* from (({documents}) except all ({STORED[name]})) as x (order_id) "
            f"union all select 'surplus', x.* from (({STORED[name]}) except all ({documents})) as x (order_id)"
        )

        assert unlike == [], name
        assert filled.value(f"select count(*) from ({STORED[name]}) as x") > 0, name


def test_no_part_is_without_its_order(filled):
    tables = ("payments", "packages", "package_items", "shipments", "promotions", "cancellations", "addresses")
    for table in tables:
        orphans = filled.value(
            f"select count(*) from cdp.order_{table} as part where not exists (select from cdp.order_events as o "
            "where o.tenant_id = part.tenant_id and o.order_id = part.order_id)"
        )

        assert orphans == 0, table


def test_every_document_agrees_with_itself_on_its_discounts(filled):
    assert filled.rows("select order_id from cdp.order_events where discounts_agree is not true") == []
