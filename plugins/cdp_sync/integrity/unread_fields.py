"""Fields that documents have and no typing reads, counted by path; values are never kept."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from cdp_sync.integrity.read_fields import Node, root
from cdp_sync.vtex.lenient_json import decode

_IS_DATA = re.compile(r".{61,}|[\d\W_]*\d[\d\W_]*|.*(@|\d{5}).*|[0-9a-fA-F-]{16,}", re.DOTALL)
"""Keys that are data, such as a category's id, an order's, an address or a phone number: they stand as ``*``."""
BY_ID = "customData.customApps"
"""List whose entries have their ``id`` in the path: each is the data of another app."""
OVERFLOW = "…"
"""Path that stands for those beyond a bound."""
DEEPEST, MOST_PLACES, MOST_SHAPES, MOST_PATHS, MOST_ALIKE = 40, 20_000, 50_000, 5_000, 1_000
"""Bounds of what one process keeps: depth, places, shapes; of a batch, paths, and sets of shapes not counted yet."""
LONGEST_PATH = 300
"""Characters of a path; the database's index takes none of some thousand bytes."""
_KINDS: dict[type, str] = {str: "text", bool: "boolean", int: "number", float: "number", type(None): "null"}
_OBJECTS: set[type] = {dict}
_CONTAINERS: set[type] = {dict, list}


class _Shape:
    """Unread fields of an object, and those to look into; each is equal to itself alone."""

    __slots__ = ("inside", "unread")

    def __init__(self, unread: dict[tuple[str, str], None], inside: list[tuple[str, Node]]) -> None:
        self.unread, self.inside = tuple(unread), tuple(inside)


class Unread(NamedTuple):
    """
    Field that no typing reads.

    :param order_id: of the batch's orders that have it, the one that changed last.
    :param last_change: when that was.
    :param documents: number of documents that have it.
    """

    path: str
    kinds: list[str]
    order_id: str
    last_change: datetime
    documents: int


class UnreadFields:
    """
    Count of the unread fields of a batch's documents.

    A document costs one look for each of its objects: shapes are known by keys and kinds, and become paths once for all
    documents that have the same.
    """

    def __init__(self) -> None:
        self._alike: dict[frozenset[_Shape], tuple[int, tuple[datetime, str]]] = {}
        self._kinds: dict[str, set[str]] = {}
        self._latest: dict[str, tuple[datetime, str]] = {}
        self._documents = Counter[str]()

    def add(self, order_id: str, last_change: datetime, document: bytes) -> None:
        """Count the fields of an order's document; pass over one that cannot be decoded."""
        try:
            body = decode(document, Any)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        shapes: set[_Shape] = set()
        _walk(body, _KNOWN.top, shapes, 0)
        self._count(frozenset(shapes), 1, (last_change, order_id))

    def update(self, other: UnreadFields) -> None:
        """Add the count of another part of the batch."""
        other._count_paths()
        for path, kinds in other._kinds.items():
            self._count_path(self._place(path), kinds, other._documents[path], other._latest[path])

    def found(self) -> list[Unread]:
        """Return the unread fields, in the order of their paths."""
        self._count_paths()
        return [
            Unread(path, sorted(self._kinds[path]), order_id, last_change, self._documents[path])
            for path, (last_change, order_id) in sorted(self._latest.items())
        ]

    def _count(self, has: frozenset[_Shape], documents: int, latest: tuple[datetime, str]) -> None:
        if known := self._alike.get(has):
            documents, latest = documents + known[0], max(latest, known[1])
        elif len(self._alike) >= MOST_ALIKE:
            self._count_paths()
        self._alike[has] = documents, latest

    def _count_paths(self) -> None:
        for has, (documents, latest) in self._alike.items():
            paths: dict[str, set[str]] = {}
            for shape in has:
                for path, kind in shape.unread:
                    paths.setdefault(self._place(path), set()).add(kind)
            for path, kinds in paths.items():
                self._count_path(path, kinds, documents, latest)
        self._alike.clear()

    def _place(self, path: str) -> str:
        """Return the path, or the one that stands for all others if it is one too many."""
        if path not in self._kinds and len(self._kinds) >= MOST_PATHS:
            return OVERFLOW
        self._kinds.setdefault(path, set())
        return path

    def _count_path(self, path: str, kinds: set[str], documents: int, latest: tuple[datetime, str]) -> None:
        self._kinds.setdefault(path, set()).update(kinds)
        self._documents[path] += documents
        self._latest[path] = max(self._latest.get(path, latest), latest)


class _Known:
    """Places and shapes that this process has come across."""

    def __init__(self) -> None:
        self.top, self.places = root(), 0
        self.shapes: dict[tuple[Any, ...], _Shape] = {}


_KNOWN = _Known()


def _walk(value: Any, node: Node, shapes: set[_Shape], depth: int) -> None:
    if depth > DEEPEST:
        return
    if type(value) is dict:
        key = (node, *value, *map(type, value.values()))
        shape = _KNOWN.shapes.get(key) or _remember(key, _shape_of(value, node))
        for name, child in shape.inside:
            _walk(value[name], child, shapes, depth + 1)
        shapes.add(shape)
    elif type(value) is list:
        kinds = set(map(type, value))
        if kinds != _OBJECTS:
            key = (node, list, *sorted(map(id, kinds)))
            shapes.add(_KNOWN.shapes.get(key) or _remember(key, _shape_of_list(kinds, node)))
        if not kinds.isdisjoint(_CONTAINERS):
            entry_place = _child(node, "[]")
            for entry in value:
                app = entry.get("id") if node.path == BY_ID and type(entry) is dict else None
                place = _child(node, f"[{_folded(app)}]") if isinstance(app, str) and app else entry_place
                _walk(entry, place, shapes, depth + 1)


def _shape_of(value: dict[str, Any], node: Node) -> _Shape:
    unread: dict[tuple[str, str], None] = {}
    inside: list[tuple[str, Node]] = []
    if not value and not node.is_read:
        unread[node.path, "object"] = None
    for name, field in value.items():
        place = _child(node, _folded(name))
        if type(field) in _CONTAINERS:
            inside.append((name, place))
        elif not place.is_read:
            unread[place.path, _KINDS[type(field)]] = None
    return _Shape(unread, inside)


def _shape_of_list(kinds: set[type], node: Node) -> _Shape:
    if not kinds and not node.is_read:
        return _Shape({(node.path, "list"): None}, [])
    entries = _child(node, "[]")
    unread = [] if entries.is_read else [(entries.path, _KINDS[kind]) for kind in kinds - _CONTAINERS]
    return _Shape(dict.fromkeys(unread), [])


def _remember(key: tuple[Any, ...], shape: _Shape) -> _Shape:
    if len(_KNOWN.shapes) >= MOST_SHAPES:
        _KNOWN.shapes.clear()
    _KNOWN.shapes[key] = shape
    return shape


def _child(node: Node, key: str) -> Node:
    if key not in node.children:
        if node is _OVERFLOW or _KNOWN.places >= MOST_PLACES or len(node.path) + len(key) >= LONGEST_PATH:
            return _OVERFLOW
        _KNOWN.places += 1
    return node.child(key)


def _folded(key: str) -> str:
    return "*" if _IS_DATA.fullmatch(key) else key.replace("\0", "\ufffd")


_OVERFLOW = Node(OVERFLOW, None, is_read=False)
_OVERFLOW.children = {"[]": _OVERFLOW}
