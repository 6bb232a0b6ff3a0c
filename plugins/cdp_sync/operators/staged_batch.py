"""Landed documents of a batch, typed and loaded into staging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from airflow.sdk import ObjectStoragePath

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch.landing import Landed, read_manifest, read_part
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.rows.order_rows import ITEM_COLUMNS, ORDER_COLUMNS, type_order
from cdp_sync.rows.values import DocumentRejected

_KEY = ("tenant_id", "batch_id", "document_no")
_ORDERS = (*_KEY, "fetched_at", "listing_hash", *ORDER_COLUMNS)
_ITEMS = (*_KEY, *ITEM_COLUMNS)


class StagedBatch(NamedTuple):
    """Numbers of documents."""

    staged: int
    rejected: int


def load_batch(db: Warehouse, manifest_uri: str, *, tenant: str, tenant_id: int, batch_id: str) -> StagedBatch:
    """
    Type the landed documents of a batch and COPY them into ``staging.*``; put the others into ``cdp.rejected_orders``.

    Deletes the batch first, so that it can be repeated; to be called within one transaction.

    :raises LandingIncomplete: if landed documents are gone.
    :raises CountMismatch: if documents are not staged + rejected, by the manifest and by the table.
    """
    uri = ObjectStoragePath(manifest_uri)
    manifest = read_manifest(uri)
    key = {"tenant_id": tenant_id, "batch_id": batch_id}
    staged = rejected = 0
    db.run("staging/delete_batch", **key)
    for part in manifest.parts:
        load = _PartLoad(tenant_id, batch_id, first_no=staged + rejected)
        load.copy(db, read_part(uri.parent / part.name))
        if load.staged + len(load.rejects) != part.documents:
            raise CountMismatch(
                f"{tenant} batch {batch_id}: {part.name} holds {load.staged + len(load.rejects)} documents, "
                f"its manifest says {part.documents}; clear the fetch task to land it again"
            )
        staged += load.staged
        rejected += len(load.rejects)
    (stored,) = db.rows("staging/count_batch", **key)
    if stored["documents"] != staged or staged + rejected != manifest.fetched + manifest.failed:
        raise CountMismatch(
            f"{tenant} batch {batch_id}: fetched {manifest.fetched} + failed {manifest.failed} is not "
            f"staged {staged} (in the table {stored['documents']}) + rejected {rejected}"
        )
    # The merge joins the rows just loaded: without statistics the planner would choose nested loops.
    db.run("staging/analyze_orders")
    db.run("staging/analyze_order_items")
    return StagedBatch(staged, rejected)


class _PartLoad:
    """Load of one part: documents stream through; only lines and rejects are kept for their own statements."""

    def __init__(self, tenant_id: int, batch: str, *, first_no: int) -> None:
        self.tenant_id = tenant_id
        self.batch = batch
        self.number = first_no
        self.staged = 0
        self.rejects: list[dict[str, Any]] = []
        self._items: list[tuple[object, ...]] = []

    def copy(self, db: Warehouse, documents: Iterable[Landed]) -> None:
        db.copy("staging.orders", _ORDERS, self._rows(documents))
        db.copy("staging.order_items", _ITEMS, self._items)
        if self.rejects:
            db.run_many("staging/reject_order", self.rejects)

    def _rows(self, documents: Iterable[Landed]) -> Iterator[tuple[object, ...]]:
        for landed in documents:
            key = (self.tenant_id, self.batch, self.number)
            self.number += 1
            if landed.error is not None:
                self._reject(landed.order_id, landed.error, landed.served or None)
                continue
            payload = bytes(landed.document)
            try:
                typed = type_order(payload, tenant_id=self.tenant_id, order_id=landed.order_id)
            except DocumentRejected as rejected:
                self._reject(landed.order_id, str(rejected), payload)
                continue
            self.staged += 1
            self._items.extend((*key, *item) for item in typed.items)
            yield (*key, landed.fetched_at, landed.listing_hash, *typed.order)

    def _reject(self, order_id: str, reason: str, payload: bytes | None) -> None:
        self.rejects.append(
            {
                "tenant_id": self.tenant_id,
                "batch_id": self.batch,
                "order_id": order_id,
                "reason": reason,
                "payload": payload,
            }
        )
