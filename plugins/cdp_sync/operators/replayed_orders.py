"""Replay of a tenant's orders: stored documents, typed again, into every table that is made of them."""

from __future__ import annotations

import gc
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cdp_sync.hooks.warehouse import RowRefused, Warehouse
from cdp_sync.operators.refused_documents import refused_documents
from cdp_sync.operators.staged_rows import (
    TypedDocument,
    analyze,
    copy_typed,
    delete_batch,
    find_differences,
    keep_buyers,
    replace_lines,
)
from cdp_sync.operators.stored_documents import NO_DOCUMENT, Place, Selection, StoredDocuments, TypedBatch
from cdp_sync.rows.merged_columns import BUYERS, ORDER_EVENTS, PRODUCTS
from cdp_sync.rows.typing_version import TYPING_VERSION
from cdp_sync.rows.values import DocumentRejected
from cdp_sync.tolerance import tolerated

BATCH = 1000
"""Orders of one transaction. A merge of the same tenant waits for it, a fraction of a second."""
SWITCH = 0.001
"""Seconds after which a thread that types lets the one go on that writes."""


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

    While a batch is written, the next is read and typed. A batch is written under the tenant's lock, without the orders
    that a merge wrote in the meantime. It asks VTEX for nothing.

    :param db, reader: two connections that commit each statement on its own.
    :param batch_id: key of the run; an interrupted one goes on after its last batch.
    :param sync_run_id: the run, for the orders it writes.
    :param found: called within the transaction of each batch, when ``staging.order_differences`` is filled. With it,
        any number of documents may be unreadable: the refresh that looks for them reads them from VTEX.
    :ivar done: what was done so far.
    """

    def __init__(
        self,
        db: Warehouse,
        reader: Warehouse,
        selection: Selection,
        *,
        tenant: str,
        tenant_id: int,
        batch_id: str,
        sync_run_id: int,
        found: Callable[[], None] | None = None,
    ) -> None:
        self._db, self._only_differing, self._found = db, selection.only_differing, found
        self._tenant, self._tenant_id, self._sync_run_id = tenant, tenant_id, sync_run_id
        self._key: dict[str, Any] = {"tenant_id": tenant_id, "batch_id": batch_id}
        self._documents = StoredDocuments(reader, selection, tenant_id=tenant_id, orders=BATCH)
        bounds = {"orders_from": selection.orders_from, "orders_to": selection.orders_to}
        (row,) = db.rows("replay/begin", **self._key, **bounds, typing_version=TYPING_VERSION)
        self._place = Place(row["after_date"], row["after_id"])
        self.done = Replayed(row["typed"], row["written"], row["rejected"], Counter(row["differences"]))
        self._analyzed = False
        # What a refresh staged, if it is cleared before its merge; each batch leaves nothing.
        delete_batch(db, **self._key)

    def batches(self) -> Generator[Replayed]:
        """
        Replay batch after batch; yield what was done so far after each.

        :raises RowRefused: if the database refuses more than a few orders.
        :raises DocumentRejected: if more than a few documents cannot be typed.
        """
        with _threads_in_turn(), ThreadPoolExecutor(max_workers=1) as ahead:
            reading = ahead.submit(self._documents.after, self._place)
            while (batch := reading.result()).orders:
                reading = ahead.submit(self._documents.after, batch.end)
                with self._db.transaction():
                    self._replay(batch)
                yield self.done

    def _replay(self, batch: TypedBatch) -> None:
        most = tolerated(self.done.typed + len(batch.orders))
        if self._found is None and len(batch.unreadable) > most:
            raise DocumentRejected(
                f"{self._tenant}: more than {most:.0f} stored documents cannot be typed, one because "
                f"{next(iter(batch.unreadable.values()))}; nothing of this batch was written. Correct the typing, then "
                "clear it"
            )
        self._db.run("runs/lock_tenant", tenant_id=self._tenant_id)
        current = self._current(batch)
        typed = [each for each in batch.typed if each.number in current]
        rejected = dict.fromkeys(batch.missing, NO_DOCUMENT) | dict(batch.unreadable)
        try:
            with self._db.savepoint():
                written, differences = self._write(typed)
        except RowRefused:
            numbers = range(len(batch.orders))
            refused = refused_documents(lambda part: self._try(typed, part), numbers, most=most)
            rejected |= refused
            typed = [each for each in typed if each.number not in refused]
            written, differences = self._write(typed)
        rejected = {number: reason for number, reason in rejected.items() if number in current}
        self._reject(batch, rejected)
        self._note_typing(batch, current)
        self.done.typed += len(typed)
        self.done.written += written
        self.done.rejected += len(rejected)
        self.done.differences.update(differences)
        self._advance(batch.end)

    def _current(self, batch: TypedBatch) -> Collection[int]:
        """Return the places of the orders that are still as they were read."""
        rows = self._db.rows(
            "replay/still_current",
            tenant_id=self._tenant_id,
            order_ids=[order.order_id for order in batch.orders],
            synced=[order.synced_at for order in batch.orders],
        )
        return {row["place"] - 1 for row in rows}

    def _write(self, typed: Collection[TypedDocument]) -> tuple[int, Counter[str]]:
        """Write what differs, or everything; return the number of orders written, and in what they differed."""
        db, key = self._db, self._key
        written = copy_typed(db, typed, **key)
        if not self._analyzed:
            analyze(db)
            self._analyzed = True
        keep_buyers(db, **key)
        find_differences(db, **key)
        differences = Counter({row["place"]: row["orders"] for row in db.rows("replay/differences", **key)})
        if self._found:
            self._found()
        if self._only_differing:
            written -= db.run("replay/keep_differing", **key)
        if written:
            db.run("replay/rewrite_orders", ORDER_EVENTS, **key, sync_run_id=self._sync_run_id)
            replace_lines(db, **key, differing=self._only_differing)
            db.run("orders/note_changes", **key, sync_run_id=self._sync_run_id)
            db.run("orders/merge_buyers", BUYERS, **key)
            db.run("orders/merge_products", PRODUCTS, **key)
        delete_batch(db, **key)
        return written, differences

    def _try(self, typed: Collection[TypedDocument], numbers: range) -> None:
        with self._db.savepoint(keep=False):
            self._write([each for each in typed if each.number in numbers])

    def _reject(self, batch: TypedBatch, reasons: dict[int, str]) -> None:
        for number, reason in reasons.items():
            order = batch.orders[number]
            self._db.run(
                "staging/reject_order", **self._key, order_id=order.order_id, reason=reason, payload=order.document
            )

    def _note_typing(self, batch: TypedBatch, current: Collection[int]) -> None:
        self._db.run(
            "replay/note_typing",
            tenant_id=self._tenant_id,
            order_ids=[batch.orders[number].order_id for number in current],
            typing_version=TYPING_VERSION,
        )

    def _advance(self, place: Place) -> None:
        done = self.done
        self._place = place
        self._db.run(
            "replay/advance",
            **self._key,
            after_date=place.date,
            after_id=place.order_id,
            typed=done.typed,
            written=done.written,
            rejected=done.rejected,
            differences=json.dumps(done.differences),
        )


@contextmanager
def _threads_in_turn() -> Iterator[None]:
    """
    Let the two threads of a replay change places sooner, and the collector pass over what was there before.

    While one types, the other waits for Python after each answer of the database: up to 5 ms as Python is set, forty
    times a batch. And a full collection reads all of Airflow, several times a second.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(usual)
