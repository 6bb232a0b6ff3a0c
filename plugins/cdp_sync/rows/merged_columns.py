"""Columns that a merge copies from staging, to fill the lists in its SQL; named only where they are typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from cdp_sync.rows.item_columns import ITEM, PRODUCT
from cdp_sync.rows.order_columns import CUSTOMER, ORDER

_CENTS = "_cents"


@dataclass(frozen=True)
class MergedColumns:
    """
    Columns of a table of ``cdp`` that come from staging.

    ``total_cents`` in staging is ``total`` in ``cdp``, in currency units; all others have the same name.

    :param staged: columns in staging.
    :param alias: alias of staging in the statement.
    """

    staged: tuple[str, ...]
    alias: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the table of ``cdp``."""
        return tuple(name.removesuffix(_CENTS) for name in self.staged)

    def fill(self, statement: str) -> sql.Composed:
        """
        Fill a statement's lists.

        ``{columns}`` become the names, ``{staged}`` their values in staging, ``{excluded}`` the values to be written,
        ``{target}`` the stored values.
        """
        return sql.SQL(statement).format(
            columns=_list(sql.Identifier(name) for name in self.names),
            staged=_list(self._value(name) for name in self.staged),
            excluded=_list(sql.Identifier("excluded", name) for name in self.names),
            target=_list(sql.Identifier("target", name) for name in self.names),
        )

    def _value(self, name: str) -> sql.Composable:
        value = sql.Identifier(self.alias, name)
        return sql.SQL("{} * 0.01").format(value) if name.endswith(_CENTS) else value


def _list(parts: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)


def _without(columns: Iterable[str], *keys: str) -> tuple[str, ...]:
    return tuple(name for name in columns if name not in keys)


ORDER_EVENTS = MergedColumns(_without(ORDER, "order_id"), "batch")
ORDER_ITEMS = MergedColumns(tuple(ITEM), "line")
CUSTOMERS = MergedColumns(tuple(CUSTOMER), "staged")
PRODUCTS = MergedColumns(("product_id", "name", "ref_id", *PRODUCT), "line")
