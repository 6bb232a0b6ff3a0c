"""Parts of a document that become ``jsonb`` as received."""

from __future__ import annotations

import re

import msgspec

_NOTHING = {b"", b"null", b"[]", b"{}"}
_ESCAPE = re.compile(rb"(\\u0000)|\\.", re.DOTALL)
_LONG_NUMBER = re.compile(rb"\d{4000}|\d[eE][+-]?\d{4}")


def json_text(part: msgspec.Raw | bytes) -> bytes | None:
    """
    Return JSON that ``jsonb`` takes; None for null, nothing, or an empty list or object.

    ``jsonb`` takes no NUL, which becomes U+FFFD as in every text, and no number of many thousand digits: a part with
    such a number is None. The document still has both.
    """
    text = bytes(part)
    if text in _NOTHING:
        return None
    text = without_nul(text)
    if _LONG_NUMBER.search(text):
        try:
            return msgspec.json.encode(msgspec.json.decode(text))
        except msgspec.DecodeError:
            return None
    return text


def without_nul(text: bytes) -> bytes:
    """Return JSON with U+FFFD in place of NUL."""
    if b"\\u0000" not in text:
        return text
    return _ESCAPE.sub(lambda escape: b"\\ufffd" if escape[1] else escape[0], text)


def joined_json(parts: dict[str, bytes]) -> bytes | None:
    """Return an object of JSON texts by name; None if there are none."""
    return msgspec.json.encode({name: msgspec.Raw(text) for name, text in parts.items()}) if parts else None
