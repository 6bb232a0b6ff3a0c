import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_sync.rows.buyer_columns import BUYER
from cdp_sync.rows.identity import identifier_key
from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.order_rows import ORDER_COLUMNS, type_order
from cdp_sync.rows.values import DocumentRejected

FIXTURES = Path(__file__).parent.parent / "fixtures" / "orders"
SMALL = {
    "orderId": "v1-01",
    "creationDate": "2026-03-01T12:00:00.1234567+00:00",
    "lastChange": "2026-03-01T12:30:00.0000009+00:00",
    "value": 1000,
    "items": [{"id": "1", "quantity": 1, "price": 1000}],
}


def typed(document):
    """Return the order and its lines as dictionaries."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    result = type_order(
        body, tenant_id=20, order_id=json.loads(body)["orderId"], account=json.loads(body).get("hostname") or "x"
    )
    lines = [dict(zip(LINE_TABLES[0].columns, line, strict=True)) for line in result.lines[0]]
    return dict(zip(ORDER_COLUMNS, result.order, strict=True)), lines


def fixture(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def small(**changes):
    return {**SMALL, **changes}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "company_with_aliased_email",
            {
                "status": "handling", "total_cents": 320142, "items_total_cents": 299700, "discounts_total_cents": 0,
                "shipping_total_cents": 20442, "tax_total_cents": 0, "other_total_cents": None,
                "currency": None, "installments": 6,
                "authorized_at": None, "delivery_channel": None, "document": None, "is_corporate": True,
                "corporate_document": "51628921617487",
                "company_key": identifier_key(20, "company", "51628921617487"), "document_key": None,
                "email": "gsotboc153372@correo.example", "marketplace_order_id": "", "marketplace_name": None,
                "last_change": datetime(2018, 10, 8, 1, 57, 33, 308369, UTC),
            },
        ),
        (
            "edited_without_group",
            {
                "order_group": None, "total_cents": 3480, "items_total_cents": 9870, "shipping_total_cents": 3480,
                "other_total_cents": -9870, "coupon": None, "utm_source": None, "payment_group": "bankInvoice",
                "order_date": datetime(2020, 4, 3, 20, 9, 43, 122281, UTC),
                "authorized_at": datetime(2020, 4, 3, 20, 33, 4, tzinfo=UTC), "invoiced_at": None,
            },
        ),
        (
            "invoiced_with_discounts_and_package",
            {
                "status": "invoiced", "total_cents": 30663, "discounts_total_cents": -1377, "item_count": 2,
                "unit_count": 2, "tracking_number": "AA4657612483LC", "email": "kcafcuv747765@correo.example",
                "is_completed": None,
                "invoiced_at": datetime(2022, 2, 20, 14, 54, 0, 876980, UTC), "utmi_campaign": "",
            },
        ),
        (
            "masked_pii_canceled",
            {
                "status": "canceled", "total_cents": 59700, "discounts_total_cents": -24294, "unit_count": 2,
                "marketplace_order_id": None, "cancel_reason": "Bumrir bbivp lgefa", "seller_ids": ["mnkkid"],
                "delivery_channel": "pickup-in-point", "seller_order_id": "SLR-r76858814tcp-93",
                "order_date": datetime(2025, 11, 10, 15, 0, 17, 641220, UTC), "tracking_number": None,
            },
        ),
        (
            "other_zone_and_currency",
            {
                "currency": "COP", "total_cents": 16446000, "shipping_total_cents": 3000000, "document": "73642468",
                "document_type": "cedulaCOL", "email": "rvurlic991958@correo.example",
                "order_date": datetime(2027, 7, 26, 20, 17, 37, 779450, UTC),
                "authorized_at": datetime(2027, 7, 26, 20, 18, 58, tzinfo=UTC),
            },
        ),
    ],
)  # fmt: skip
def test_a_document_is_typed_exactly(name, expected):
    order, _ = typed(fixture(name))

    assert {column: order[column] for column in expected} == expected


def test_lines_carry_prices_and_discounts_in_cents():
    _, lines = typed(fixture("invoiced_with_discounts_and_package"))

    columns = (
        "item_index",
        "sku_id",
        "quantity",
        "list_price_cents",
        "price_cents",
        "selling_price_cents",
        "discount_cents",
    )
    assert [tuple(line[column] for column in columns) for line in lines] == [
        (0, "1461", 1, 23400, 18525, 17598, -927),
        (1, "7554", 1, 16170, 8970, 8520, -450),
    ]


def test_a_price_tag_without_value_in_cents_counts_by_its_raw_value():
    _, (line,) = typed(fixture("masked_pii_canceled"))

    assert (line["quantity"], line["discount_cents"]) == (2, -24294)


def test_the_sellers_of_one_purchase_are_orders_of_their_own_and_one_customer():
    (first, _), (second, _) = typed(fixture("two_sellers_first")), typed(fixture("two_sellers_second"))

    assert first["order_group"] == second["order_group"]
    assert first["order_id"] != second["order_id"]
    assert (first["status"], second["status"]) == ("", "")
    assert (first["seller_ids"], second["seller_ids"]) == (["1"], ["ktkbos"])
    assert first["document_key"] == second["document_key"]
    assert first["total_cents"] + second["total_cents"] == 3 * (5458 + 6208)


def test_null_is_kept_apart_from_zero_and_from_nothing_said():
    none, _ = typed(small(totals=None))
    zero, _ = typed(small(totals=[{"id": "Items", "value": 1000}, {"id": "Discounts", "value": 0}]))

    assert (none["items_total_cents"], none["discounts_total_cents"]) == (None, None)
    assert (zero["discounts_total_cents"], zero["shipping_total_cents"], zero["other_total_cents"]) == (0, None, None)


def test_everything_but_id_date_and_value_may_be_missing():
    order, lines = typed({"orderId": "x", "creationDate": "2026-03-01T12:00:00Z", "value": 0})

    assert lines == []
    assert (order["total_cents"], order["item_count"], order["payment_count"], order["seller_ids"]) == (0, 0, 0, [])
    assert (order["status"], order["email_key"], order["last_change"]) == (None, None, order["order_date"])


@pytest.mark.parametrize(
    "nulls",
    [
        "items", "totals", "sellers", "clientProfileData", "marketingData", "shippingData", "paymentData",
        "packageAttachment", "marketplace", "storePreferencesData", "cancellationData", "lastChange", "status",
        "orderGroup", "authorizedDate", "isCompleted",
    ],
)  # fmt: skip
def test_a_null_where_vtex_sends_one_is_no_reason_to_reject(nulls):
    order, _ = typed({**fixture("invoiced_with_discounts_and_package"), nulls: None})

    assert order["total_cents"] == 30663


def test_odd_shapes_of_real_documents_are_read():
    document = fixture("invoiced_with_discounts_and_package")
    document["paymentData"]["transactions"][0]["payments"] = []
    document["shippingData"]["logisticsInfo"] = None
    document["items"][0]["bundleItems"] = [{"id": "9", "name": "Gift wrap", "price": 0, "quantity": 1}]
    document["items"][0]["additionalInfo"] = None
    document["itemMetadata"]["Items"] = document["itemMetadata"]["Items"] * 4
    document["salesChannel"] = 1

    order, lines = typed(document)

    assert (order["payment_method"], order["payment_count"], order["delivery_channel"]) == (None, 0, None)
    assert (order["sales_channel"], order["item_count"], lines[0]["brand_name"]) == ("1", 2, None)


def test_payments_are_named_once_sorted_and_inactive_transactions_do_not_count():
    payments = [
        {"paymentSystemName": "Visa", "group": "creditCard", "installments": 3},
        {"paymentSystemName": "Vale", "group": "giftCard", "installments": 1},
        {"paymentSystemName": "Visa", "group": "creditCard", "installments": 12},
        {"paymentSystemName": None, "paymentSystem": 47, "group": None},
    ]
    transactions = [
        {"isActive": True, "payments": payments},
        {"isActive": False, "payments": [{"paymentSystemName": "Old"}]},
    ]

    order, _ = typed(small(paymentData={"transactions": transactions}))

    assert (order["payment_method"], order["payment_group"]) == ("47 + Vale + Visa", "creditCard + giftCard")
    assert (order["payment_count"], order["installments"]) == (4, 12)


def test_a_return_is_not_the_tracking_number_of_the_order():
    packages = [{"type": "Input", "trackingNumber": "BACK"}, {"type": "Output", "trackingNumber": ""},
                {"type": "Output", "trackingNumber": "OUT"}]  # fmt: skip

    order, _ = typed(small(packageAttachment={"packages": packages}))

    assert order["tracking_number"] == "OUT"


@pytest.mark.parametrize("key", ["reason", "Reason"])
def test_the_cancel_reason_is_found_in_either_order_systems_place(key):
    order, _ = typed(small(cancellationData={key: "Sin stock"}))

    assert order["cancel_reason"] == "Sin stock"


def test_a_nul_that_postgresql_cannot_store_is_replaced_in_text():
    order, _ = typed(small(hostname="a\0b"))

    assert order["hostname"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not whole JSON"),
        (b'{"orderId": "v1-01", "value": 1', "not whole JSON"),
        (b'["v1-01"]', "not an order"),
        (b'{"orderId": "v1-01", "x": "\xff"}', "not valid UTF-8"),
        (b'{"orderId": "v1-01", "x": ' + b"[" * 2000 + b"]" * 2000 + b"}", "nested too deeply"),
        (json.dumps(small(value=10**18)).encode(), "value is not a whole number of cents"),
        (json.dumps(small(totals=[{"id": "Items", "value": 10**18 - 1}] * 2)).encode(), "totals Items"),
        (json.dumps(small(items=[{"id": "1" * 501, "quantity": 1}])).encode(), "longer than 500 characters"),
        (
            json.dumps(small(items=[{"id": "1", "quantity": 1, "priceTags": [{"rawValue": 1e17}]}])).encode(),
            "priceTags",
        ),
        (json.dumps(small(lastChange="9999-12-31T23:59:59.9999999")).encode(), "lastChange is no date"),
        (json.dumps(small(creationDate="0001-01-01T00:00:00Z")).encode(), "creationDate is no date"),
        (json.dumps(small(orderId="v2-01")).encode(), "another order"),
        (json.dumps(small(value=None)).encode(), "value is missing"),
        (json.dumps(small(value=10.5)).encode(), "value is not a whole number of cents"),
        (json.dumps(small(value="1000")).encode(), r"\$\.value"),
        (json.dumps(small(value=10**30)).encode(), "value is not a whole number of cents"),
        (json.dumps(small(creationDate=None)).encode(), "creationDate is missing"),
        (json.dumps(small(creationDate="yesterday")).encode(), "creationDate is no date"),
        (json.dumps(small(lastChange="2026-02-30T00:00:00Z")).encode(), "lastChange is no date"),
        (json.dumps(small(invoicedDate="0001-01-01T00:00:00+14:00")).encode(), "invoicedDate is no date"),
        (json.dumps(small(items=[{"id": "1", "quantity": None}])).encode(), r"items\[0\].quantity"),
        (json.dumps(small(items=[{"id": "1", "quantity": 1.5}])).encode(), r"items\[0\].quantity"),
        (json.dumps(small(items=[{"id": "1", "quantity": 2**31}])).encode(), r"items\[0\].quantity"),
        (
            json.dumps(small(paymentData={"transactions": [{"payments": [{"installments": 2**31}]}]})).encode(),
            r"payments\[0\].installments",
        ),
        (json.dumps(small(items=[{"quantity": 1, "price": 0.1}])).encode(), r"items\[0\].price"),
    ],
)
def test_what_cannot_be_typed_is_rejected_with_its_reason(body, said):
    with pytest.raises(DocumentRejected, match=said):
        type_order(body, tenant_id=20, order_id="v1-01", account="ferreira")


def test_a_reason_never_quotes_what_it_rejects():
    body = json.dumps(small(clientProfileData={"email": ["ana@correo.example"]})).encode()

    with pytest.raises(DocumentRejected) as rejected:
        type_order(body, tenant_id=20, order_id="v1-01", account="ferreira")

    assert "ana" not in str(rejected.value)


@given(st.integers(0, 9_999_999), st.sampled_from(["Z", "+00:00", "-03:00", "+05:30"]), st.integers(1, 7))
def test_a_date_is_cut_never_rounded(fraction, zone, digits):
    text = f"{fraction:07d}"[:digits]

    order, _ = typed(small(creationDate=f"2026-12-31T23:59:59.{text}{zone}"))

    expected = datetime.fromisoformat(f"2026-12-31T23:59:59{zone}").astimezone(UTC)
    assert order["order_date"] == expected.replace(microsecond=int(text.ljust(7, "0")) // 10)


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_cents_stay_exact_up_to_what_the_column_holds(cents):
    order, _ = typed(small(value=cents))

    assert order["total_cents"] == cents


@given(st.decimals("-99999", "99999", places=2))
def test_a_raw_value_becomes_exact_cents(amount):
    line = {"id": "1", "quantity": 1, "priceTags": [{"rawValue": float(amount)}]}

    _, (typed_line,) = typed(small(items=[line]))

    assert typed_line["discount_cents"] == int(amount * 100)


def test_a_multiplier_keeps_its_digits():
    _, (line,) = typed(small(items=[{"quantity": 3, "unitMultiplier": 0.35}]))

    assert line["unit_multiplier"] == Decimal("0.35")


PERSON = {
    "email": "john.doe@example.com", "firstName": "John", "lastName": "Doe", "document": "12345678911",
    "phone": "+5491112345678", "userProfileId": "70caf394-8534-447e-a0ca-1803c669c771", "corporateDocument": None,
}  # fmt: skip
MASKED = PERSON | {
    "email": "j***.d**@e******.c**", "firstName": "J***", "lastName": "D**", "document": "1**********",
    "phone": "+5************",
}  # fmt: skip
"""VTEX's example of a person, and of the same one masked."""


def buyer(**profile):
    order, _ = typed(small(clientProfileData=profile))
    return order


def test_a_masked_buyer_is_nobody_and_leaves_no_trace():
    order = buyer(**MASKED)

    assert order["buyer_masked"] is True
    assert {order[name] for name in BUYER if name not in ("document_type", "is_corporate")} == {None}


@pytest.mark.parametrize(
    ("profile", "identifies"),
    [
        (PERSON, "document_key"),
        (PERSON | {"email": MASKED["email"]}, "document_key"),
        (PERSON | {"document": MASKED["document"]}, "email_key"),
        (PERSON | {"document": None, "email": None}, "profile_key"),
        (PERSON | {"lastName": "*"}, "document_key"),
    ],
)
def test_who_can_be_identified_is_not_masked(profile, identifies):
    order = buyer(**profile)

    assert order["buyer_masked"] is False
    assert order[identifies] is not None
    assert "*" not in "".join(str(value) for value in order.values())


def test_a_company_is_masked_like_a_person():
    order = buyer(**PERSON | {"document": None, "email": None, "corporateDocument": "30-1*******-*"})

    assert (order["buyer_masked"], order["company_key"]) == (True, None)


def test_masked_places_are_unknown_places():
    address = {"country": "ARG", "state": "Salta", "city": "S****", "postalCode": "4***"}

    order, _ = typed(small(shippingData={"address": address}))

    assert (order["shipping_country"], order["shipping_state"]) == ("ARG", "Salta")
    assert (order["shipping_city"], order["shipping_postal_code"]) == (None, None)
