"""Columns that a merge copies from staging, to fill the lists in its SQL; named only where they are typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from cdp_sync.rows.buyer_columns import BUYER
from cdp_sync.rows.item_columns import PRODUCT
from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.order_columns import ORDER

_CENTS = "_cents"


@dataclass(frozen=True)
class MergedColumns:
    """
    Columns of a table of ``cdp`` that come from staging.

    ``total_cents`` in staging is ``total`` in ``cdp``, in currency units; all others have the same name.

    :param table: the table of ``cdp``, without its schema.
    :param staged: columns in staging.
    :param alias: alias of staging in the statement.
    :param key: column that numbers the rows of an order, if it has several.
    """

    table: str
    staged: tuple[str, ...]
    alias: str
    key: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the table of ``cdp``."""
        return tuple(name.removesuffix(_CENTS) for name in self.staged)

    def fill(self, statement: str) -> sql.Composed:
        """
        Fill a statement's lists.

        ``{columns}`` become the names, ``{staged}`` their values in staging, ``{excluded}`` the values to be written,
        ``{target}`` the stored values, ``{typed}`` columns of the alias typed, by the same names; ``{differing}`` names
        those of ``{typed}`` that are not as in target. ``{table}`` and ``{key}`` become names.
        """
        return sql.SQL(statement).format(
            table=sql.Identifier(self.table),
            key=sql.Identifier(self.key),
            columns=_list(sql.Identifier(name) for name in self.names),
            staged=_list(self._value(name) for name in self.staged),
            excluded=self._of("excluded"),
            target=self._of("target"),
            typed=self._of("typed"),
            differing=_list(
                sql.SQL("case when {} is distinct from {} then {} end").format(
                    sql.Identifier("typed", name), sql.Identifier("target", name), sql.Literal(name)
                )
                for name in self.names
            ),
        )

    def _of(self, alias: str) -> sql.Composable:
        return _list(sql.Identifier(alias, name) for name in self.names)

    def _value(self, name: str) -> sql.Composable:
        value = sql.Identifier(self.alias, name)
        return sql.SQL("{} * 0.01").format(value) if name.endswith(_CENTS) else value


def _list(parts: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)


def _without(columns: Iterable[str], *keys: str) -> tuple[str, ...]:
    return tuple(name for name in columns if name not in keys)


ORDER_EVENTS = MergedColumns("order_events", _without(ORDER, "order_id"), "batch")
ORDER_CONTENT = MergedColumns("order_events", _without(ORDER, "order_id", "typing_version"), "batch")
"""Columns of an order that its document fills."""
LINES = tuple(MergedColumns(table.name, tuple(table.columns), "line", table.key) for table in LINE_TABLES)
BUYERS = MergedColumns("order_buyers", tuple(BUYER), "staged")
PRODUCTS = MergedColumns("products", ("product_id", "name", "ref_id", *PRODUCT), "line")
