"""Stored documents of a tenant, read and typed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.staged_rows import TypedDocument
from cdp_sync.rows.order_rows import type_order
from cdp_sync.rows.typing_version import TYPING_VERSION
from cdp_sync.rows.values import DocumentRejected

NO_DOCUMENT = "its document is not stored (cdp.order_payloads); the next weekly refresh reads it again"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """
    Orders to type again.

    :param orders_from: first moment of creation; None: all from the beginning.
    :param orders_to: moment before which they were created; None: all to the end.
    :param only_outdated: only orders that an older typing made.
    :param only_differing: write only what differs from the stored rows, else everything.
    """

    orders_from: datetime | None = None
    orders_to: datetime | None = None
    only_outdated: bool = False
    only_differing: bool = True


class Place(NamedTuple):
    """Last order before those to read; none: from the beginning."""

    date: datetime | None = None
    order_id: str | None = None


class StoredOrder(NamedTuple):
    """
    Order with its stored document.

    :param synced_at: when the row was written; another merge since then shows in it.
    :param document: None if none is stored.
    """

    order_id: str
    order_date: datetime
    fetched_at: datetime
    synced_at: datetime
    document: bytes | None


class TypedBatch(NamedTuple):
    """
    Orders read together.

    :param typed: those whose document can be typed, by their place among the orders.
    :param missing, unreadable: places of the others; the latter with the reason.
    """

    orders: list[StoredOrder]
    typed: list[TypedDocument]
    missing: list[int]
    unreadable: Mapping[int, str]

    @property
    def end(self) -> Place:
        """The place after which the next orders are."""
        return Place(self.orders[-1].order_date, self.orders[-1].order_id)


class StoredDocuments:
    """
    Stored documents of a tenant, the oldest order first.

    :param db: connection of its own, so that they can be read ahead.
    :param orders: most orders to read at once.
    """

    def __init__(self, db: Warehouse, selection: Selection, *, tenant_id: int, orders: int) -> None:
        self._db, self._tenant_id = db, tenant_id
        self._chosen = {
            "tenant_id": tenant_id,
            "orders_from": selection.orders_from,
            "orders_to": selection.orders_to,
            "older_than": TYPING_VERSION if selection.only_outdated else None,
            "orders": orders,
        }
        tenant = db.row("tenants/one", tenant_id=tenant_id)
        self._account = tenant["order_hostname"] if tenant else ""

    def after(self, place: Place) -> TypedBatch:
        """Read the orders after a place, and type their documents."""
        rows = self._db.tuples("replay/next_documents", **self._chosen, after_date=place.date, after_id=place.order_id)
        batch = TypedBatch([StoredOrder(*row) for row in rows], [], [], unreadable := {})
        for number, order in enumerate(batch.orders):
            if order.document is None:
                batch.missing.append(number)
                continue
            try:
                typed = type_order(
                    order.document, tenant_id=self._tenant_id, order_id=order.order_id, account=self._account
                )
            except DocumentRejected as fault:
                unreadable[number] = f"its stored document cannot be typed: {fault}"
            else:
                batch.typed.append(TypedDocument(number, order.fetched_at, None, typed))
        return batch
