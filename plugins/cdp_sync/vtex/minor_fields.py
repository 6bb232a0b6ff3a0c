"""Documents in which a minor field is of another type than VTEX describes: read without it instead of refused."""

from __future__ import annotations

import re
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from cdp_sync.vtex.fields import MINOR
from cdp_sync.vtex.lenient_json import decode

Decoded = TypeVar("Decoded", bound=msgspec.Struct)
_MOST = 1000
"""Most odd fields of one document; each costs another reading."""
_PLACE = re.compile(r"\.(\w+)|\[(\d+)\]")


def decode_without_odd(body: bytes, decoded: type[Decoded]) -> Decoded:
    """
    Decode JSON; a field marked ``Minor`` whose value is of another type is read as null.

    :raises msgspec.ValidationError: if a field is of another type that is not within a minor one.
    :raises msgspec.DecodeError: if it is not JSON, or nested too deeply.
    """
    for _ in range(_MOST):
        try:
            return decode(body, decoded)
        except msgspec.ValidationError as error:
            if not (way := _way_to_minor(str(error), decoded)):
                raise
            body = _with_null(body, way)
    return decode(body, decoded)


def _way_to_minor(error: str, struct: type[msgspec.Struct]) -> list[str | int]:
    """Return the way to the innermost minor field around the place an error names; empty if there is none."""
    _, _, place = error.rpartition(" - at `$")
    way: list[str | int] = [name or int(number) for name, number in _PLACE.findall(place)]
    minor = 0
    hint: Any = struct
    for length, step in enumerate(way, 1):
        if isinstance(step, str):
            hint = _hints(found).get(step) if (found := _struct(hint)) else None
            if get_origin(hint) is Annotated and MINOR in hint.__metadata__:
                minor = length
    return way[:minor]


def _with_null(body: bytes | msgspec.Raw, way: list[str | int]) -> bytes:
    """Return a document with null in one place; all else stays as it was written."""
    step, *rest = way
    whole: Any = decode(bytes(body), list[msgspec.Raw] if isinstance(step, int) else dict[str, msgspec.Raw])
    whole[step] = msgspec.Raw(_with_null(whole[step], rest) if rest else b"null")
    return msgspec.json.encode(whole)


@cache
def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _struct(hint: Any) -> type[msgspec.Struct] | None:
    """Return the struct a field holds, alone, in a union or in a list."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    if get_origin(hint) in (Annotated, Union, UnionType, list):
        return next((found for part in get_args(hint) if (found := _struct(part))), None)
    return None
