"""Fields that no typing reads are found by path, whatever a document is like; values are not kept."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_sync.integrity import unread_fields
from cdp_sync.integrity.unread_fields import DEEPEST, LONGEST_PATH, OVERFLOW, UnreadFields
from tests.moments import MOMENT
from tests.mutations import mutated
from tests.unit.test_mutated_documents import CHANGES, DOCUMENTS


def found(*documents):
    fields = UnreadFields()
    for number, document in enumerate(documents):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        fields.add(f"order-{number}", MOMENT + timedelta(hours=number), body)
    return {field.path: field for field in fields.found()}


def test_what_the_typing_reads_is_not_among_them():
    assert found({"orderId": "1", "value": 1, "items": [{"id": "1", "additionalInfo": {"brandName": "B"}}]}) == {}


@pytest.mark.parametrize(
    ("document", "path", "kinds"),
    [
        ({"somethingNew": "x"}, "somethingNew", ["text"]),
        ({"items": [{"somethingNew": 1}]}, "items[].somethingNew", ["number"]),
        ({"items": [{"additionalInfo": {"somethingNew": True}}]}, "items[].additionalInfo.somethingNew", ["boolean"]),
        ({"somethingNew": {"inner": [{"deep": None}]}}, "somethingNew.inner[].deep", ["null"]),
        ({"somethingNew": []}, "somethingNew", ["list"]),
        ({"somethingNew": ["x"]}, "somethingNew[]", ["text"]),
        (
            {"customData": {"customApps": [{"id": "crm", "fields": {"tier": "gold"}}]}},
            "customData.customApps[crm].fields.tier", ["text"],
        ),
        ({"items": [{"productCategories": {"1004164": "Trousers"}}]}, "items[].productCategories.*", ["text"]),
        ({"customData": {"customApps": [{"id": {"m": 1}, "tier": 1}]}}, "customData.customApps[].tier", ["number"]),
        ({"customData": {"customApps": [{"tier": 1}]}}, "customData.customApps[].tier", ["number"]),
        ({"somethingNew": {"ana@example.com": 1}}, "somethingNew.*", ["number"]),
        ({"somethingNew": {"+54 911 5555-1234": 1}}, "somethingNew.*", ["number"]),
        ({"somethingNew": {"v1234567str-01": 1}}, "somethingNew.*", ["number"]),
        ({"items": [{"somethingNew": {}}]}, "items[].somethingNew", ["object"]),
        ({"somethingNew": {"0f8fad5b-d9cb-469f-a165-70867728950e": 1}}, "somethingNew.*", ["number"]),
    ],
)  # fmt: skip
def test_a_field_is_told_by_its_path_and_kind(document, path, kinds):
    fields = found(document)

    assert fields[path].kinds == kinds
    assert (fields[path].order_id, fields[path].documents) == ("order-0", 1)


def test_documents_are_counted_once_however_often_they_have_a_field():
    twice = {"items": [{"somethingNew": 1}, {"somethingNew": "x", "more": 2}]}

    field = found({"orderId": "1"}, twice, twice)["items[].somethingNew"]

    assert (field.documents, field.kinds) == (2, ["number", "text"])
    assert (field.order_id, field.last_change) == ("order-2", MOMENT + timedelta(hours=2))


def test_no_value_is_kept():
    assert "secret" not in repr(found({"somethingNew": "secret", "list": ["secret"], "customData": {"x": "secret"}}))


def test_a_path_too_long_for_the_databases_index_is_folded():
    document = 1
    for _ in range(DEEPEST - 1):
        document = {"名" * 60: document}

    assert found(document).keys() == {OVERFLOW}
    assert (
        max(map(len, found({"a" * 50: {"b" * 50: {"c" * 50: {"d" * 50: {"e" * 50: {"f" * 50: 1}}}}}}))) <= LONGEST_PATH
    )


def test_a_key_of_very_many_digits_is_folded_at_once():
    assert found({"somethingNew": {"1" * 100_000 + "a": 1}}).keys() == {"somethingNew.*"}


def test_what_is_nested_without_end_or_is_no_json_stops_nothing():
    deep = b'{"a":' * (DEEPEST + 100) + b"1" + b"}" * (DEEPEST + 100)

    assert found(deep, b"{", b"[]", b"null", b"\xff", {"somethingNew": 1}).keys() >= {"somethingNew"}


def test_what_is_remembered_is_bounded(monkeypatch):
    known = unread_fields._Known()
    monkeypatch.setattr(unread_fields, "_KNOWN", known)
    monkeypatch.setattr(unread_fields, "MOST_PLACES", 50)
    monkeypatch.setattr(unread_fields, "MOST_SHAPES", 10)

    fields = found(*({f"field{number}x": {"inner": number}} for number in range(200)))

    assert known.places <= 50
    assert len(known.shapes) <= 10
    assert "…" in "".join(fields)


def test_a_count_does_not_depend_on_how_many_kinds_of_documents_are_kept(monkeypatch):
    documents = [{f"field{number % 7}x": number, "items": [{f"more{number % 5}x": "x"}]} for number in range(100)]
    expected = found(*documents)
    monkeypatch.setattr(unread_fields, "MOST_ALIKE", 3)

    assert found(*documents) == expected
    assert (expected["field3x"].documents, expected["items[].more2x"].documents) == (14, 20)


def test_parts_of_a_batch_are_counted_together():
    whole = [{"first": 1, "second": "x"}, {"first": "x"}, {"second": "x"}]
    parts = UnreadFields(), UnreadFields()
    for number, document in enumerate(whole):
        parts[number % 2].add(f"order-{number}", MOMENT + timedelta(hours=number), json.dumps(document).encode())
    parts[0].update(parts[1])

    assert {field.path: field for field in parts[0].found()} == found(*whole)


def test_paths_beyond_a_bound_are_counted_as_one(monkeypatch):
    monkeypatch.setattr(unread_fields, "MOST_PATHS", 3)

    fields = found({"a": 1, "b": 1, "c": 1}, {"d": "x", "e": 1})

    assert fields.keys() == {"a", "b", "c", OVERFLOW}
    assert (fields[OVERFLOW].documents, fields[OVERFLOW].kinds) == (1, ["number", "text"])


@given(st.sampled_from(DOCUMENTS), CHANGES)
def test_no_document_breaks_it(document, changes):
    found(mutated(document, changes))
