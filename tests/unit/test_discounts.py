"""Price tags: what is a line's discount, what its shipping's, and whether a document agrees with itself."""

import json

import pytest

from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.order_rows import ORDER_COLUMNS, type_order
from vtex_sandbox.documents import render
from vtex_sandbox.orders import make_day
from vtex_sandbox.scenario import LOCAL

DAY = 2496  # 2026-11-01
SHIPPING_TAG = {"name": "discount@shipping-138#1", "identifier": "138", "value": -49}


def typed(document):
    """Return the order and its rows by table."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    read = json.loads(body)
    found = type_order(body, tenant_id=20, order_id=read["orderId"], account=read.get("hostname") or "x")
    rows = {
        table.name: [dict(zip(table.columns, line, strict=True)) for line in lines]
        for table, lines in zip(LINE_TABLES, found.lines, strict=True)
    }
    return dict(zip(ORDER_COLUMNS, found.order, strict=True)), rows


def order(*items, discounts, shipments=(), promotions=()):
    """Return an order of some items with a total of discounts."""
    return {
        "orderId": "v1-01",
        "creationDate": "2026-03-01T12:00:00Z",
        "value": 1000,
        "totals": [{"id": "Discounts", "value": discounts}],
        "items": list(items),
        "shippingData": {"logisticsInfo": list(shipments)},
        "ratesAndBenefitsData": {"rateAndBenefitsIdentifiers": list(promotions)},
    }


def item(price, paid, *tags, quantity=1, **more):
    """Return an item with price tags."""
    return {"quantity": quantity, "price": price, "sellingPrice": paid, "priceTags": list(tags), **more}


def tag(name, value, **more):
    """Return a price tag."""
    return {"name": name, "value": value, **more}


def discount_of(*items, discounts=0):
    """Return the discount of the first item, and whether the document agrees with itself."""
    found, rows = typed(order(*items, discounts=discounts))
    return rows["order_items"][0]["discount_cents"], found["discounts_agree"]


def test_free_shipping_is_no_discount_of_the_line_as_in_an_order_of_2017():
    """Two units of 159.99, shipping of 11.84 given away: VTEX's total of discounts is 0."""
    free = tag("discount@shipping-discount_rihappy_102#0a43e11d", -1184, identifier="discount_rihappy_102")
    shipment = {"itemIndex": 0, "price": 0, "listPrice": 1184, "sellingPrice": 0}
    promotion = {"id": "discount_rihappy_102", "name": "Frete Gratis"}

    found, rows = typed(
        order(item(15999, 15999, free, quantity=2), discounts=0, shipments=[shipment], promotions=[promotion])
    )

    assert found["discounts_agree"] is True
    assert rows["order_items"][0]["discount_cents"] == 0
    assert rows["order_shipments"][0]["discount_cents"] == -1184
    (applied,) = rows["order_promotions"]
    assert (applied["item_discount_cents"], applied["shipping_discount_cents"]) == (0, -1184)


def test_five_promotions_on_one_line_are_told_apart_as_in_an_order_of_2014():
    """Two of them on the price, three on the shipping: the total of discounts is the two's."""
    tags = [("price", -120), ("shipping", -49), ("price", -1000), ("shipping", -252), ("shipping", -238)]
    line = item(30000, 28880, *(tag(f"discount@{where}-{amount}#DiscountResource", amount) for where, amount in tags))

    found, rows = typed(order(line, discounts=-1120, shipments=[{"itemIndex": 0}]))

    assert found["discounts_agree"] is True
    assert rows["order_items"][0]["discount_cents"] == -1120
    assert rows["order_shipments"][0]["discount_cents"] == -539


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("DISCOUNT@MARKETPLACE", -100),
        ("discount@price-203#DiscountResource", -100),
        ("DISCOUNT@MANUALPRICE", -100),
        ("DISCOUNT@GIFT", -100),
        (None, -100),
        ("discount@shipping-138#DiscountResource", 0),
        ("DISCOUNT@SHIPPING", 0),
        ("DISCOUNT@SHIPPINGMARKETPLACE", 0),
        ("tax@price-7#1", 0),
        ("tax@shipping-7#1", 0),
        ("TAXHUB@STATE | General Sales and Use Tax", 0),
    ],
)
def test_a_price_tag_belongs_to_what_its_name_says(name, line):
    assert discount_of(item(1000, 1000 + line, tag(name, -100)), discounts=line) == (line, True)


def test_a_tag_in_percent_gives_no_amount_so_the_selling_price_does():
    percent = tag("discount@price-1#1", 12.5, rawValue=0.125, isPercentual=True)

    assert discount_of(item(1000, 875, percent, quantity=2), discounts=-250) == (-250, True)


def test_a_discount_that_no_unit_can_bear_equally_agrees_with_the_rounded_line():
    line = item(1000, 966, tag("discount@price-1#1", -100), quantity=3, priceDefinition={"total": 2900})

    assert discount_of(line, discounts=-100) == (-100, True)
    assert discount_of(line | {"priceDefinition": None}, discounts=-100) == (-100, True)


def test_a_line_sold_by_measure_is_compared_by_measure():
    line = item(199, 59, quantity=3, unitMultiplier=0.3, priceDefinition={"total": 179})

    assert discount_of(line) == (0, True)
    assert discount_of(line | {"priceDefinition": None}) == (0, True)
    assert discount_of(line | {"priceDefinition": None, "sellingPrice": 58}) == (0, False)


@pytest.mark.parametrize(
    ("line", "total"),
    [
        (item(1000, 900, tag("discount@price-1#1", -50)), -50),
        (item(1000, 950, tag("discount@price-1#1", -50)), -51),
        (item(1000, 900, tag("discount@price-1#1", -100), quantity=3, priceDefinition={"total": 2901}), -100),
        (item(1000, 900, tag("discount@price-1#1", -100), quantity=3), -100),
    ],
)
def test_a_document_that_contradicts_itself_is_kept_as_it_is_and_says_so(line, total):
    found, rows = typed(order(line, discounts=total))

    assert found["discounts_agree"] is False
    assert found["discounts_total_cents"] == total
    assert rows["order_items"][0]["discount_cents"] == line["priceTags"][0]["value"]
    assert rows["order_items"][0]["selling_price_cents"] == line["sellingPrice"]


def test_a_document_that_counts_shippings_discounts_among_the_others_agrees_too():
    line = item(1000, 900, tag("discount@price-1#1", -100), SHIPPING_TAG)

    assert discount_of(line, discounts=-149) == (-100, True)


def test_where_the_document_gives_no_tags_or_no_total_nothing_is_compared():
    bare = item(1000, 900) | {"priceTags": None}

    assert discount_of(bare, discounts=-100) == (None, None)
    assert discount_of(item(1000, 1000), discounts=None) == (0, None)


def test_a_line_that_ships_twice_has_its_discount_once():
    shipments = [{"itemIndex": 0}, {"itemIndex": 0}, {"itemIndex": 7}]

    _, rows = typed(order(item(1000, 1000, SHIPPING_TAG), discounts=0, shipments=shipments))

    assert [row["discount_cents"] for row in rows["order_shipments"]] == [-49, None, None]


def test_the_sandboxes_documents_agree_line_by_line_and_in_total():
    documents = [
        render(each, len(each.events), account, 7, name)
        for name, account in LOCAL.accounts.items()
        for each in make_day(7, name, account, DAY)
    ]
    assert len(documents) > 300
    shipping = 0
    for body in documents:
        found, rows = typed(body)
        document = json.loads(body)

        assert found["discounts_agree"] is True
        assert sum(row["discount_cents"] for row in rows["order_items"]) == found["discounts_total_cents"]
        for row, line in zip(rows["order_items"], document["items"], strict=True):
            shown = (line["sellingPrice"] - line["price"]) * line["quantity"]
            assert 0 <= row["discount_cents"] - shown < line["quantity"]
        gross = sum(row["list_price_cents"] for row in rows["order_shipments"])
        off = sum(row["discount_cents"] for row in rows["order_shipments"])
        if rows["order_shipments"]:
            assert gross + off == found["shipping_total_cents"]
        shipping += off < 0
    assert shipping > 20
