"""Mutations of what VTEX serves: values of a document become others, most of them of the same type."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from cdp_sync.vtex import (
    listing,
    order_cancellation,
    order_document,
    order_items,
    order_payments,
    order_shipping,
)

NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.sampled_from([0, -1, 10**16, 10**18 - 1, 10**18, 2**31, 2**63, 0.1, 1e15, 1e17, 1e308, -1e308, 12.5]),
)
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "", " ", "\0", "a\0b", "cut \ud83d", "x" * 5000, "9" * 100_000, "..", "NaN", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.9999999Z", "2026-02-30T00:00:00Z", "2026-11-10T12:00:00",
            "2026-11-10T12:00:00.1234567+14:00", "'; drop table cdp.order_events; --",
        ]
    ),
)  # fmt: skip
GONE = "gone"
OTHERS = st.one_of(
    st.sampled_from([GONE, None, True, False, [], {}, [None], [[]], [{}], [1], ["a"], {"": None}]), NUMBERS, TEXTS
)
READ = {
    field
    for module in (order_document, order_items, order_payments, order_shipping, order_cancellation, listing)
    for struct in vars(module).values()
    if isinstance(struct, type) and issubclass(struct, msgspec.Struct)
    for field in struct.__struct_fields__
}
"""Names of the fields that are read; others can only make a document longer."""


class Change(NamedTuple):
    """Change of one value. :param place: which one, modulo their number."""

    place: int
    number: float
    text: str
    other: Any
    keeps_type: bool


CHANGE = st.builds(Change, st.integers(0, 9999), NUMBERS, TEXTS, OTHERS, st.sampled_from([True, True, True, False]))


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to every value that is read, containers included."""
    if isinstance(value, dict):
        return [
            path for key, each in value.items() if key in READ
            for path in ((*prefix, key), *paths(each, (*prefix, key)))
        ]  # fmt: skip
    if isinstance(value, list):
        return [path for number, each in enumerate(value) for path in paths(each, (*prefix, number))]
    return []


def mutated(document: Any, changes: list[Change]) -> bytes:
    """Return a document with values replaced, as JSON."""
    document = json.loads(json.dumps(document))
    for change in changes:
        places = paths(document)
        if not places:
            break
        *way, last = places[change.place % len(places)]
        holder = document
        for key in way:
            holder = holder[key]
        was = holder[last]
        if change.keeps_type and isinstance(was, str):
            value: Any = change.text
        elif change.keeps_type and type(was) in (int, float):
            value = change.number
        else:
            value = json.loads(json.dumps(change.other))  # a copy: hypothesis draws the same list again
        if value == GONE:
            del holder[last]
        else:
            holder[last] = value
    return json.dumps(document).encode()
