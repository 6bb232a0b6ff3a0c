"""Landed documents of a batch, typed and loaded into staging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from airflow.sdk import ObjectStoragePath

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch.landing import Landed, read_manifest, read_part
from cdp_sync.hooks.warehouse import RowRefused, Warehouse
from cdp_sync.operators.refused_documents import refused_documents
from cdp_sync.rows.order_rows import ITEM_COLUMNS, ORDER_COLUMNS, type_order
from cdp_sync.rows.values import DocumentRejected
from cdp_sync.tolerance import tolerated

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
    :raises RowRefused: if the database refuses more than a few of them.
    """
    uri = ObjectStoragePath(manifest_uri)
    manifest = read_manifest(uri)
    key = {"tenant_id": tenant_id, "batch_id": batch_id}
    staged = rejected = 0
    db.run("staging/delete_batch", **key)
    for part in manifest.parts:
        first_no = staged + rejected
        load = _PartLoad(db, tenant_id, batch_id, uri.parent / part.name, range(first_no, first_no + part.documents))
        loaded = load.copy(most=tolerated(manifest.fetched))
        if sum(loaded) != part.documents:
            raise CountMismatch(
                f"{tenant} batch {batch_id}: {part.name} holds {sum(loaded)} documents, "
                f"its manifest says {part.documents}; clear the fetch task to land it again"
            )
        staged += loaded.staged
        rejected += loaded.rejected
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
    """
    Load of one part: documents stream through; only lines and rejects are kept for their own statements.

    :param numbers: numbers of the part's documents in the batch.
    """

    def __init__(self, db: Warehouse, tenant_id: int, batch: str, part: Any, numbers: range) -> None:
        self._db, self._tenant_id, self._batch, self._part, self._numbers = db, tenant_id, batch, part, numbers

    def copy(self, *, most: float) -> StagedBatch:
        """Copy the part; leave out the documents that the database refuses. :param most: most of them."""
        try:
            with self._db.savepoint():
                return self._copy(self._documents(), {})
        except RowRefused:
            return self._copy(self._documents(), refused_documents(self._try, self._numbers, most=most))

    def _try(self, numbers: range) -> None:
        with self._db.savepoint(keep=False):
            self._copy(((number, landed) for number, landed in self._documents() if number in numbers), {})

    def _documents(self) -> Iterator[tuple[int, Landed]]:
        return enumerate(read_part(self._part), self._numbers.start)

    def _copy(self, documents: Iterable[tuple[int, Landed]], refused: Mapping[int, str]) -> StagedBatch:
        items: list[tuple[object, ...]] = []
        rejects: list[dict[str, Any]] = []
        staged = self._db.copy("staging.orders", _ORDERS, self._rows(documents, refused, items, rejects))
        self._db.copy("staging.order_items", _ITEMS, items)
        if rejects:
            self._db.run_many("staging/reject_order", rejects)
        return StagedBatch(staged, len(rejects))

    def _rows(
        self,
        documents: Iterable[tuple[int, Landed]],
        refused: Mapping[int, str],
        items: list[tuple[object, ...]],
        rejects: list[dict[str, Any]],
    ) -> Iterator[tuple[object, ...]]:
        """Yield the rows of documents; collect their lines, and those that are rejected."""
        for number, landed in documents:
            key = (self._tenant_id, self._batch, number)
            payload = bytes(landed.document) or landed.served or None
            try:
                if (reason := landed.error or refused.get(number)) is not None:
                    raise DocumentRejected(reason)
                typed = type_order(bytes(landed.document), tenant_id=self._tenant_id, order_id=landed.order_id)
            except DocumentRejected as rejected:
                rejects.append(
                    {
                        "tenant_id": self._tenant_id,
                        "batch_id": self._batch,
                        "order_id": landed.order_id,
                        "reason": str(rejected),
                        "payload": payload,
                    }
                )
                continue
            items.extend((*key, *item) for item in typed.items)
            yield (*key, landed.fetched_at, landed.listing_hash, *typed.order)
