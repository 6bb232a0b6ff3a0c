"""Fields that must not stop an order, and JSON that jsonb would refuse."""

import json
from pathlib import Path

import msgspec
import pytest

from cdp_sync.rows.json_text import json_text
from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.order_rows import ORDER_COLUMNS, type_order
from cdp_sync.rows.values import DocumentRejected

FIXTURE = Path(__file__).parent.parent / "fixtures" / "orders" / "invoiced_with_discounts_and_package.json"


def rows_with(change):
    """Return the order and its rows by table, of a real document that was changed."""
    document = json.loads(FIXTURE.read_text())
    change(document)
    body = json.dumps(document).encode()
    found = type_order(body, tenant_id=20, order_id=document["orderId"], account=document["hostname"])
    rows = {
        table.name: [dict(zip(table.columns, line, strict=True)) for line in lines]
        for table, lines in zip(LINE_TABLES, found.lines, strict=True)
    }
    return {"order_events": [dict(zip(ORDER_COLUMNS, found.order, strict=True))], **rows}


def put(value, *way):
    """Return a change that puts a value somewhere into a document."""

    def change(document):
        for step in way[:-1]:
            document = document[step]
        document[way[-1]] = value

    return change


UNCHANGED = rows_with(lambda _: None)


@pytest.mark.parametrize(
    ("change", "table", "place", "gone"),
    [
        (put("much", "items", 0, "additionalInfo", "dimension"), "order_items", 0,
         {"weight", "height", "length", "width", "cubic_weight"}),
        (put({"odd": 1}, "items", 1, "costPrice"), "order_items", 1, {"cost_price_cents"}),
        (put([], "packageAttachment", "packages", 0, "courier"), "order_packages", 0, {"courier"}),
        (put([1], "paymentData", "transactions", 0, "payments", 0, "id"), "order_payments", 0, {"payment_id"}),
        (put("cheap", "shippingData", "logisticsInfo", 1, "price"), "order_shipments", 1, {"price_cents"}),
        (put({}, "shippingData", "address", "street"), "order_addresses", 0, {"street"}),
        (put("odd", "callCenterOperatorData"), "order_events", 0, {"call_center_operator"}),
        (put("0001-01-01T00:00:00", "packageAttachment", "packages", 0, "issuanceDate"), "order_packages", 0,
         {"issued_at"}),
    ],
)  # fmt: skip
def test_a_minor_field_of_another_type_is_null_and_nothing_else_changes(change, table, place, gone):
    found = rows_with(change)

    expected = {name: [dict(row) for row in rows] for name, rows in UNCHANGED.items()}
    expected[table][place] |= dict.fromkeys(gone)
    assert found == expected


def test_only_the_innermost_odd_field_is_null():
    way = ("ratesAndBenefitsData", "rateAndBenefitsIdentifiers", 0, "matchedParameters")

    assert rows_with(put({"couponCode@Marketing": []}, *way)) == UNCHANGED
    assert len(UNCHANGED["order_promotions"]) == 1


@pytest.mark.parametrize("odd", [None, "APPROVED", [], 7, [{"Tid": "1"}]])
def test_an_acquirer_may_answer_in_any_shape(odd):
    found = rows_with(put(odd, "paymentData", "transactions", 0, "payments", 0, "connectorResponses"))

    assert (found["order_payments"][0]["tid"], found["order_payments"][0]["value_cents"]) == (None, 30663)


def test_many_odd_fields_of_one_document_are_each_null():
    def change(document):
        document["items"] = [{**document["items"][0], "preSaleDate": [], "components": "none"} for _ in range(60)]

    found = rows_with(change)

    assert {(row["presale_date"], row["component_count"], row["sku_id"]) for row in found["order_items"]} == {
        (None, 0, "1461")
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("1", "items", 0, "price"), r"\$\.items\[0\]\.price"),
        (put([], "clientProfileData", "email"), r"\$\.clientProfileData\.email"),
        (put({}, "items", 0, "priceTags"), r"\$\.items\[0\]\.priceTags"),
        (put(0.5, "paymentData", "transactions", 0, "payments", 0, "value"), r"payments\[0\]\.value"),
        (put(0.5, "shippingData", "logisticsInfo", 1, "price"), r"logisticsInfo\[1\]\.price"),
        (put(0.5, "packageAttachment", "packages", 0, "invoiceValue"), r"packages\[0\]\.invoiceValue"),
        (put(0.5, "packageAttachment", "packages", 0, "items", 1, "price"), r"packages\[0\]\.items\[1\]\.price"),
        (put(2**31, "paymentData", "transactions", 0, "payments", 0, "installments"), r"payments\[0\]\.installments"),
    ],
)
def test_what_an_order_rests_on_and_parts_of_cents_reject_it_still(change, said):
    with pytest.raises(DocumentRejected, match=said):
        rows_with(change)


@pytest.mark.parametrize("nothing", [b"", b"null", b"[]", b"{}"])
def test_nothing_is_null(nothing):
    assert json_text(msgspec.Raw(nothing)) is None


def test_json_stays_as_it_was_received():
    received = b'{"b": 1.00, "a": [1e2, "\\u00e9\\\\u0000"]}'

    assert json_text(received) == received


def test_a_nul_becomes_the_replacement_character():
    assert json_text(b'{"a": "x\\u0000y"}') == b'{"a": "x\\ufffdy"}'


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        (b'{"a": 1e999999}', None),
        (b'{"a": ' + b"9" * 200_000 + b"}", None),
        (b'{"id": "3e1234567"}', b'{"id":"3e1234567"}'),
    ],
)
def test_a_number_that_no_column_holds_makes_the_part_null_and_no_text_does(received, kept):
    assert json_text(received) == kept
