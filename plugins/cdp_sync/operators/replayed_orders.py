"""Stored documents of a tenant, typed again into every table that is made of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from cdp_sync.hooks.warehouse import RowRefused, Warehouse
from cdp_sync.operators.refused_documents import refused_documents
from cdp_sync.operators.staged_rows import (
    TypedDocument,
    analyze,
    copy_typed,
    delete_batch,
    find_differences,
    replace_lines,
)
from cdp_sync.rows.merged_columns import CUSTOMERS, ORDER_EVENTS, PRODUCTS
from cdp_sync.rows.order_rows import type_order
from cdp_sync.rows.typing_version import TYPING_VERSION
from cdp_sync.rows.values import DocumentRejected
from cdp_sync.tolerance import tolerated

BATCH = 1000
"""Orders of one transaction. A merge of the same tenant waits for it, a fraction of a second."""
NO_DOCUMENT = "its document is not stored (cdp.order_payloads); the next weekly refresh reads it again"


class StoredOrder(NamedTuple):
    """
    Order with its stored document.

    :param document: None if none is stored.
    """

    order_id: str
    order_date: datetime
    fetched_at: datetime
    document: bytes | None


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


@dataclass
class Replayed:
    """
    Numbers of orders that a replay has come across.

    :param typed: orders whose document was typed.
    :param written: of those, orders that were written.
    :param rejected: orders without a document that can be typed; their rows stay.
    :param differences: orders by ``table.column`` that differed.
    """

    typed: int = 0
    written: int = 0
    rejected: int = 0
    differences: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        columns = ", ".join(f"{place} {orders}" for place, orders in sorted(self.differences.items()))
        return (
            f"{self.typed} orders typed again, {self.written} written{f' ({columns})' if columns else ''}, "
            f"{self.rejected} have no document that can be typed"
        )


class Replay:
    """
    Replay of one tenant's orders, a batch a transaction, the oldest order first.

    A batch is typed and written under the tenant's lock, so no merge comes in between. What is written is what the
    stored document says; it asks VTEX for nothing.

    :param db: connection that commits each statement on its own.
    :param batch_id: key of the run; an interrupted one goes on after its last batch.
    :param sync_run_id: the run, for the orders it writes.
    :param found: called within the transaction of each batch, when ``staging.order_differences`` is filled.
    """

    def __init__(
        self,
        db: Warehouse,
        selection: Selection,
        *,
        tenant: str,
        tenant_id: int,
        batch_id: str,
        sync_run_id: int,
        found: Callable[[], None] | None = None,
    ) -> None:
        self._db, self._selection, self._found = db, selection, found
        self._tenant, self._tenant_id, self._sync_run_id = tenant, tenant_id, sync_run_id
        self._key: dict[str, Any] = {"tenant_id": tenant_id, "batch_id": batch_id}
        (row,) = db.rows(
            "replay/begin",
            **self._key,
            orders_from=selection.orders_from,
            orders_to=selection.orders_to,
            typing_version=TYPING_VERSION,
        )
        self._after = (row["after_date"], row["after_id"])
        self.done = Replayed(row["typed"], row["written"], row["rejected"], Counter(row["differences"]))
        tenant_row = db.row("tenants/one", tenant_id=tenant_id)
        self._analyzed = False
        self._account = tenant_row["order_hostname"] if tenant_row else ""

    def next_batch(self) -> bool:
        """
        Type the next orders again; return whether there were any.

        :raises RowRefused: if the database refuses more than a few of them.
        :raises DocumentRejected: if more than a few documents cannot be typed.
        """
        with self._db.transaction():
            self._db.run("runs/lock_tenant", tenant_id=self._tenant_id)
            orders = [StoredOrder(*row) for row in self._db.tuples("replay/next_documents", **self._next())]
            if orders:
                self._replay(orders)
        return bool(orders)

    def _next(self) -> dict[str, Any]:
        chosen = self._selection
        return {
            "tenant_id": self._tenant_id,
            "orders_from": chosen.orders_from,
            "orders_to": chosen.orders_to,
            "after_date": self._after[0],
            "after_id": self._after[1],
            "older_than": TYPING_VERSION if chosen.only_outdated else None,
            "orders": BATCH,
        }

    def _replay(self, orders: Sequence[StoredOrder]) -> None:
        typed, rejected = self._type(orders)
        try:
            with self._db.savepoint():
                written, differences = self._write(typed)
        except RowRefused:
            refused = refused_documents(
                lambda numbers: self._try(typed, numbers), range(len(orders)), most=self._most()
            )
            rejected |= {orders[number]: reason for number, reason in refused.items()}
            typed = [each for each in typed if each.number not in refused]
            written, differences = self._write(typed)
        self._reject(rejected)
        self._db.run(
            "replay/note_typing",
            tenant_id=self._tenant_id,
            order_ids=[order.order_id for order in orders],
            typing_version=TYPING_VERSION,
        )
        done = self.done
        done.typed += len(typed)
        done.written += written
        done.differences.update(differences)
        done.rejected += len(rejected)
        self._after = (orders[-1].order_date, orders[-1].order_id)
        self._db.run(
            "replay/advance",
            **self._key,
            after_date=self._after[0],
            after_id=self._after[1],
            typed=done.typed,
            written=done.written,
            rejected=done.rejected,
            differences=json.dumps(done.differences),
        )

    def _type(self, orders: Sequence[StoredOrder]) -> tuple[list[TypedDocument], dict[StoredOrder, str]]:
        typed: list[TypedDocument] = []
        rejected: dict[StoredOrder, str] = {}
        unreadable = 0
        for number, order in enumerate(orders):
            if order.document is None:
                rejected[order] = NO_DOCUMENT
                continue
            try:
                rows = type_order(
                    order.document, tenant_id=self._tenant_id, order_id=order.order_id, account=self._account
                )
            except DocumentRejected as fault:
                rejected[order] = f"its stored document cannot be typed: {fault}"
                unreadable += 1
                if unreadable > self._most():
                    raise DocumentRejected(
                        f"{self._tenant}: more than {self._most():.0f} stored documents cannot be typed, the last "
                        f"because of {fault}; nothing of this batch was written. Correct the typing, then clear it"
                    ) from None
            else:
                typed.append(TypedDocument(number, order.fetched_at, None, rows))
        return typed, rejected

    def _most(self) -> float:
        return tolerated(self.done.typed + BATCH)

    def _write(self, typed: Sequence[TypedDocument]) -> tuple[int, Counter[str]]:
        """Write what differs, or everything; return the number of orders written, and in what they differed."""
        db, key, only_differing = self._db, self._key, self._selection.only_differing
        delete_batch(db, **key)
        written = copy_typed(db, typed, **key)
        if not self._analyzed:
            analyze(db)
            self._analyzed = True
        find_differences(db, **key)
        differences = Counter({row["place"]: row["orders"] for row in db.rows("replay/differences", **key)})
        if self._found:
            self._found()
        if only_differing:
            written -= db.run("replay/keep_differing", **key)
        if written:
            db.run("replay/rewrite_orders", ORDER_EVENTS, **key, sync_run_id=self._sync_run_id)
            replace_lines(db, **key, differing=only_differing)
            db.run("orders/merge_customers", CUSTOMERS, **key)
            db.run("orders/merge_products", PRODUCTS, **key)
        delete_batch(db, **key)
        return written, differences

    def _try(self, typed: Sequence[TypedDocument], numbers: range) -> None:
        with self._db.savepoint(keep=False):
            self._write([each for each in typed if each.number in numbers])

    def _reject(self, rejected: dict[StoredOrder, str]) -> None:
        for order, reason in rejected.items():
            self._db.run(
                "staging/reject_order", **self._key, order_id=order.order_id, reason=reason, payload=order.document
            )
