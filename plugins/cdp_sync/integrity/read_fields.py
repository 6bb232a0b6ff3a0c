"""Fields of an order document that the typing reads, from the types of ``vtex.order_document``."""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from cdp_sync.vtex.order_document import Order


class Node:
    """
    Place in a document.

    :ivar path: as people write it, such as ``items[].additionalInfo``; empty for the document.
    :ivar is_read: whether the typing reads what is there, be it as a whole.
    :ivar known: what it reads below: fields by name, ``[]`` for a list's entries. None if it looks no deeper.
    """

    __slots__ = ("children", "is_read", "known", "path")

    def __init__(self, path: str, known: dict[str, Any] | None, *, is_read: bool) -> None:
        self.path, self.known, self.is_read = path, known, is_read
        self.children: dict[str, Node] = {}

    def child(self, key: str) -> Node:
        """Return the place of a field, or of a list's entries for ``[]`` or ``[name]``."""
        if (found := self.children.get(key)) is None:
            is_entry = key.startswith("[")
            path = f"{self.path}{key}" if is_entry or not self.path else f"{self.path}.{key}"
            name, known = "[]" if is_entry else key, self.known or {}
            found = self.children[key] = Node(path, known.get(name), is_read=name in known)
        return found


class _Everything(dict[str, Any]):
    """Fields read whatever their names."""

    def __contains__(self, key: object) -> bool:
        return True


def root() -> Node:
    """Return the place of a whole document."""
    return Node("", _below(Order), is_read=True)


def _below(hint: Any) -> dict[str, Any] | None:
    """Return the fields read of a value of a type; None if it is read as it is, or not looked into."""
    if get_origin(hint) is Annotated:
        return _below(get_args(hint)[0])
    if isinstance(hint, types.UnionType) or get_origin(hint) is Union:
        return next((found for each in get_args(hint) if (found := _below(each)) is not None), None)
    if get_origin(hint) is list:
        return {"[]": _below(get_args(hint)[0])}
    if get_origin(hint) is dict:
        return _Everything()
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = get_type_hints(hint, include_extras=True)
        return {each.encode_name: _below(hints[each.name]) for each in msgspec.structs.fields(hint)}
    return None
