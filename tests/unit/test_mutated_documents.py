"""Whatever VTEX serves is typed, or rejected with a reason; nothing else happens."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.order_rows import ORDER_COLUMNS, type_order
from cdp_sync.rows.values import DocumentRejected
from cdp_sync.vtex.listing import _read
from tests.mutations import CHANGE, mutated

DOCUMENTS = [
    json.loads(file.read_text()) for file in sorted((Path(__file__).parent.parent / "fixtures/orders").glob("*.json"))
]
ROW = {
    "orderId": "v1-01",
    "creationDate": "2026-11-10T12:00:00.0000000+00:00",
    "lastChange": "2026-11-10T12:30:00.0000000+00:00",
    "clientName": "a name",
    "totalValue": 100.0,
}
CHANGES = st.lists(CHANGE, min_size=1, max_size=3)
seeded = settings(derandomize=True, max_examples=200, deadline=None)


def outcome(body, document):
    """Return the rows of an order, or the reason why there are none."""
    try:
        return type_order(body, tenant_id=20, order_id=document["orderId"], account=document.get("hostname") or "x")
    except DocumentRejected as rejected:
        return str(rejected)


@seeded
@given(st.sampled_from(DOCUMENTS), CHANGES)
def test_a_mutated_document_is_typed_or_rejected_with_a_reason(document, changes):
    found = outcome(mutated(document, changes), document)

    if isinstance(found, str):
        assert 0 < len(found) < 300
    else:
        assert len(found.order) == len(ORDER_COLUMNS)
        for table, rows in zip(LINE_TABLES, found.lines, strict=True):
            assert {len(row) for row in rows} <= {len(table.columns)}


@seeded
@given(st.sampled_from(DOCUMENTS), st.binary(max_size=8), st.floats(0, 1), st.integers(0, 40))
def test_a_document_of_broken_bytes_is_typed_or_rejected_with_a_reason(document, broken, share, cut):
    body = json.dumps(document).encode()
    place = int(share * len(body))

    assert outcome(body[:place] + broken + body[place + cut :], document)


@seeded
@given(CHANGES, st.integers(0, 2))
def test_a_mutated_row_hides_no_other_row_of_its_page(changes, place):
    rows = [json.dumps(ROW | {"orderId": name}).encode() for name in ("before", "after")]
    rows.insert(place, mutated(ROW, changes))
    page = b'{"list":[' + b",".join(rows) + b'],"paging":{"total":3,"pages":1}}'

    read = _read(page).rows

    assert len(read) == 3
    assert [row.order_id for row in read if row.order_id in ("before", "after")] == ["before", "after"]
    (odd,) = [row for row in read if row.order_id not in ("before", "after")]
    assert odd.unreadable or odd.order_id == str(json.loads(rows[place])["orderId"]).replace("\ud83d", "\ufffd")


@pytest.mark.parametrize("page", [b"", b"[]", b"null", b'{"list":{}}', b'{"list":[],"paging":{"total":"1"}}', b"\xff"])
def test_an_answer_that_is_no_page_is_refused_as_a_whole(page):
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        _read(page)


@pytest.mark.parametrize(
    ("fields", "status", "total"),
    [
        ({"status": "invoiced", "totalValue": 17300.0}, "invoiced", 17300.0),
        ({"status": "", "totalValue": 17300}, "", 17300.0),
        ({"status": None, "totalValue": None}, None, None),
        ({}, None, None),
        ({"status": 5, "totalValue": "17300.0"}, None, None),
        ({"status": ["invoiced"], "totalValue": True}, None, None),
        ({"status": "a\0b", "totalValue": 10**400}, None, None),
    ],
)
def test_a_row_keeps_what_it_shows_of_status_and_total(fields, status, total):
    rows = json.dumps([{"orderId": "v1-01"} | fields]).encode()

    (row,) = _read(b'{"list":' + rows + b',"paging":{"total":1,"pages":1}}').rows

    assert (row.order_id, row.status, row.total_cents) == ("v1-01", status, total)
