"""Tables with several rows of an order, each a table of ``cdp`` and of ``staging`` by the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdp_sync.rows.item_columns import ITEM, PRODUCT, lines
from cdp_sync.vtex.order_document import Order

Columns = Mapping[str, Callable[[Any], object]]
"""Columns with their source: a function of one part of a document."""


@dataclass(frozen=True)
class LineTable:
    """
    Table with a row for each part of a kind that an order has, numbered from 0.

    :param name: without its schema.
    :param key: column with the number of the row within its order.
    :param parts: parts of a document.
    :param columns: columns of ``cdp`` and ``staging``, the key among them.
    :param more: columns of ``staging`` alone, for other tables.
    """

    name: str
    key: str
    parts: Callable[[Order], Sequence[Any]]
    columns: Columns
    more: Columns = field(default_factory=dict)

    @property
    def staged(self) -> tuple[str, ...]:
        """Names of the columns of ``staging``, in the order of :meth:`rows`."""
        return (*self.columns, *self.more)

    def rows(self, order: Order) -> list[tuple[object, ...]]:
        """Return the rows of an order. :raises DocumentRejected: if a value cannot be read."""
        values = (*self.columns.values(), *self.more.values())
        return [tuple([value(part) for value in values]) for part in self.parts(order)]


LINE_TABLES = (LineTable("order_items", "item_index", lines, ITEM, more=PRODUCT),)
