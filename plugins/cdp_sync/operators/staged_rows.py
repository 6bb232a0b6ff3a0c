"""Rows of typed documents in ``staging``: written, compared with the stored ones, put in their place, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.merged_columns import BUYERS, LINES, ORDER_CONTENT, PRODUCTS
from cdp_sync.rows.order_rows import ORDER_COLUMNS, TypedOrder

_KEY = ("tenant_id", "batch_id", "document_no")
_ORDERS = (*_KEY, "fetched_at", "listing_hash", *ORDER_COLUMNS)


class TypedDocument(NamedTuple):
    """
    Document, typed.

    :param number: its number in the batch.
    :param fetched_at: when VTEX served it.
    :param listing_hash: see ``vtex.listing.Listing``.
    """

    number: int
    fetched_at: datetime
    listing_hash: int | None
    typed: TypedOrder


def copy_typed(db: Warehouse, documents: Iterable[TypedDocument], *, tenant_id: int, batch_id: str) -> int:
    """COPY documents into ``staging.*``; return their number. They stream through; only their lines are kept."""
    lines: list[list[tuple[object, ...]]] = [[] for _ in LINE_TABLES]

    def orders() -> Iterator[tuple[object, ...]]:
        for number, fetched_at, listing_hash, typed in documents:
            key = (tenant_id, batch_id, number)
            for kept, rows in zip(lines, typed.lines, strict=True):
                kept.extend([(*key, *row) for row in rows])
            yield (*key, fetched_at, listing_hash, *typed.order)

    copied = db.copy("staging.orders", _ORDERS, orders())
    for table, rows in zip(LINE_TABLES, lines, strict=True):
        if rows:
            db.copy(f"staging.{table.name}", (*_KEY, *table.columns), rows)
    return copied


def analyze(db: Warehouse) -> None:
    """Update the statistics of ``staging``: without them the planner would choose nested loops for what follows."""
    db.run("staging/analyze_orders")
    for lines in LINES:
        db.run("staging/analyze_lines", lines)


def keep_buyers(db: Warehouse, *, tenant_id: int, batch_id: str) -> None:
    """
    Let documents in which VTEX masks the buyer keep what earlier ones showed.

    Before :func:`find_differences`: what a document hides is no difference.
    """
    db.run("orders/keep_places", tenant_id=tenant_id, batch_id=batch_id)
    db.run("orders/keep_addresses", tenant_id=tenant_id, batch_id=batch_id)


def find_differences(db: Warehouse, *, tenant_id: int, batch_id: str) -> None:
    """Write to ``staging.order_differences`` in which columns the stored rows of a batch's orders are not as typed."""
    statements = {"orders": [ORDER_CONTENT], "lines": LINES, "buyers": [BUYERS], "products": [PRODUCTS]}
    for name, tables in statements.items():
        for table in tables:
            db.run(f"differences/{name}", table, tenant_id=tenant_id, batch_id=batch_id, relation=table.table)


def replace_lines(db: Warehouse, *, tenant_id: int, batch_id: str, differing: bool = False) -> None:
    """
    Put the lines of a batch's orders in the place of the stored ones.

    :param differing: only those of tables in which an order was found to differ.
    """
    for lines in LINES:
        which = {"tenant_id": tenant_id, "batch_id": batch_id, "relation": lines.table, "differing": differing}
        db.run("orders/delete_lines", lines, **which)
        db.run("orders/insert_lines", lines, **which)


def delete_batch(db: Warehouse, *, tenant_id: int, batch_id: str) -> None:
    """Delete a batch from ``staging``."""
    for lines in LINES:
        db.run("staging/delete_lines", lines, tenant_id=tenant_id, batch_id=batch_id)
    db.run("staging/delete_batch", tenant_id=tenant_id, batch_id=batch_id)
