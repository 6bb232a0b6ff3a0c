"""Whatever becomes a jsonb column is taken by PostgreSQL."""

import json
from decimal import Decimal

import pytest

from cdp_sync.rows.json_text import json_text


@pytest.mark.parametrize(
    "received",
    [
        b'{"a": "x\\u0000y"}',
        b'{"a": "\\\\u0000"}',
        b'{"a\\u0000": 1}',
        b'{"a": 1e308, "b": 1e999, "c": -1e-999}',
        b'{"a": 1e999999}',
        b"[" + b"9" * 200_000 + b"]",
        b'{"id": "3e1234567", "x": 0.1}',
        b"[" * 500 + b"]" * 500,
        b'{"a": 1, "a": 2}',
        '{"name": "Ñandú 🐦"}'.encode(),
    ],
)
def test_json_of_a_document_is_taken(db, received):
    text = json_text(received)
    if text is None:
        return

    taken = db.execute("select (%s::text)::jsonb::text as taken", (text.decode(),)).fetchone()

    assert exactly(taken["taken"]) == exactly(text)


def exactly(text):
    """Read JSON with every digit of its numbers."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)
