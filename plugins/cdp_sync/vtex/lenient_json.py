"""JSON that VTEX cut inside a character: read instead of refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

Decoded = TypeVar("Decoded")

_ESCAPE = re.compile(
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_CONTROL = re.compile(rb"[\x00-\x1f]")


@cache
def _decoder(decoded: Any) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(decoded).decode


def decode(body: bytes, decoded: type[Decoded]) -> Decoded:
    """
    Decode JSON; half an emoji (an unpaired surrogate, as in texts VTEX cuts at some length) becomes U+FFFD.

    :raises msgspec.ValidationError: if it is JSON of another shape.
    :raises msgspec.DecodeError: if it is not JSON, or nested too deeply.
    """
    read: Callable[[bytes], Decoded] = _decoder(cast(Any, decoded))
    try:
        try:
            return read(body)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError):
            return read(_ESCAPE.sub(_whole, body))
    except RecursionError:
        raise msgspec.DecodeError("the JSON is nested too deeply") from None


def decode_loosely(body: bytes, decoded: type[Decoded]) -> Decoded:
    """Decode as :func:`decode`, and accept control characters and bytes that are not UTF-8 within texts."""
    try:
        return decode(body, decoded)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return decode(_CONTROL.sub(b" ", body.decode(errors="replace").encode()), decoded)


def _whole(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape[2] else escape[0]
