"""Filters: the changes a feed or a hook reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from vtex_sandbox.changes import Change
from vtex_sandbox.store import Store

_COMPARISON = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|>|<)\s*(.+?)\s*")


class FilterConflict(ValueError):
    """Both kinds of filter at once, which VTEX answers with 409."""


@dataclass(frozen=True)
class Filter:
    """
    ``FromWorkflow``: changes of state, only into the states named if any are; VTEX does not check the names.
    ``FromOrders``: any change of an order that the expression holds for, once per order unless single fire is disabled.

    :param expression: one comparison of a field of the document, the only part of JSONata supported here.
    """

    kind: str = "FromWorkflow"
    status: tuple[str, ...] = ()
    expression: str = ""
    disable_single_fire: bool = False

    @classmethod
    def read(cls, wish: Any) -> Filter:
        """Read a filter. :raises FilterConflict, TypeError: if it mixes the kinds, or is none."""
        wish = wish or {}
        kind = wish.get("type", "FromWorkflow")
        if wish.get("status") and wish.get("expression"):
            raise FilterConflict("status and expression cannot be used together")
        if kind not in ("FromWorkflow", "FromOrders"):
            raise TypeError(f"filter type {kind}")
        found = cls(
            kind, tuple(wish.get("status") or ()), wish.get("expression") or "", bool(wish.get("disableSingleFire"))
        )
        if found.expression and found.expression != "true" and not _COMPARISON.fullmatch(found.expression):
            raise TypeError("expression")
        return found

    @property
    def once(self) -> bool:
        """True if each order is reported only once."""
        return self.kind == "FromOrders" and not self.disable_single_fire

    def shown(self) -> dict[str, Any]:
        """Return the filter as VTEX shows it."""
        if self.kind == "FromWorkflow":
            return {"type": self.kind, "status": list(self.status)}
        return {"type": self.kind, "expression": self.expression, "disableSingleFire": self.disable_single_fire}

    def passes(self, change: Change, document: bytes | None) -> bool:
        """Return whether a change passes. :param document: the order's current one; needed for an expression only."""
        if self.kind == "FromWorkflow":
            return change.is_status and (not self.status or change.state in self.status)
        if self.expression in ("", "true"):
            return True
        return document is not None and self._holds(msgspec.json.decode(document))

    def _holds(self, document: dict[str, Any]) -> bool:
        found = _COMPARISON.fullmatch(self.expression)
        assert found
        name, operator, text = found.groups()
        value, wanted = document.get(name), msgspec.json.decode(text)
        if operator in ("=", "!="):
            return bool(value == wanted) == (operator == "=")
        if not isinstance(value, int | float) or not isinstance(wanted, int | float):
            return False
        return {">": value > wanted, "<": value < wanted, ">=": value >= wanted, "<=": value <= wanted}[operator]


class Sieve:
    """Filter of one feed or hook, with the orders already reported."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reported: set[str] = set()

    def lets_through(self, rule: Filter, change: Change, now: int) -> bool:
        """Return whether to report a change; if so, its order counts as reported."""
        document = self._store.detail(change.order_id, now) if rule.expression else None
        if not rule.passes(change, document) or (rule.once and change.order_id in self._reported):
            return False
        self._reported.add(change.order_id)
        return True
