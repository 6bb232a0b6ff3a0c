"""Mutations of what VTEX serves: one value, anywhere in a document, becomes something else."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.sampled_from([0, -1, 10**16, 10**18 - 1, 10**18, 2**31, 2**63, 0.1, 1e17, 1e308, -1e308, 12.5]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            " ",
            "\0",
            "a\0b",
            "cut \ud83d",
            "x" * 5000,
            "9" * 100_000,
            "..",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.9999999Z",
            "2026-02-30T00:00:00Z",
            "2026-11-10T12:00:00",
            "2026-11-10T12:00:00.123456789+14:00",
            "NaN",
            "'; drop table cdp.order_events; --",
        ]
    ),
    st.sampled_from([[], {}, [None], [[]], [{}], [1], ["a"], {"": None}]),
)
"""Values that VTEX's fields do not have by its specification, and those at the edges of our columns."""


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to every value within a document, containers included, the document itself left out."""
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        inner = []
    return [path for key, each in inner for path in ((*prefix, key), *paths(each, (*prefix, key)))]


def mutated(document: Any, changes: list[tuple[float, Any]]) -> bytes:
    """
    Return a document with values replaced, as JSON.

    :param changes: where, as a share of the document's paths, and what to put there; ``...`` removes the value.
    """
    document = json.loads(json.dumps(document))
    for share, value in changes:
        places = paths(document)
        if not places:
            break
        *way, last = places[int(share * len(places))]
        holder = document
        for key in way:
            holder = holder[key]
        if value is ...:
            del holder[last]
        else:
            holder[last] = json.loads(json.dumps(value))  # a copy: hypothesis draws the same list again
    return json.dumps(document).encode()


CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), ODD_VALUES | st.just(...)), min_size=1, max_size=4)
