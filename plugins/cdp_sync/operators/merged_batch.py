"""Staged documents of a batch, written into ``cdp.*``."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch.landing import Landed, Manifest, read_part
from cdp_sync.hooks.warehouse import RowRefused, Warehouse
from cdp_sync.operators.refused_documents import refused_documents
from cdp_sync.operators.staged_rows import delete_batch, find_differences, keep_buyers, replace_lines
from cdp_sync.rows.merged_columns import BUYERS, ORDER_EVENTS, PRODUCTS
from cdp_sync.tolerance import tolerated

log = logging.getLogger(__name__)
_PAYLOADS = ("tenant_id", "order_id", "document")


class Outcomes(NamedTuple):
    """Numbers of documents: three outcomes of an order, and documents of it that a newer one supersedes."""

    inserted: int
    updated: int
    unchanged: int
    superseded: int


class MergedBatch:
    """
    Write of one batch, within one transaction that has begun.

    :param manifest: of its documents.
    :param folder: their folder, any path with pathlib's interface.
    :param tenant: slug, for messages.
    :param healing: the document read last wins, whatever version a stored row claims, and whatever differs is written;
        else the newest version wins.
    :param evidence: with ``healing``: record what is about to be healed in ``cdp.integrity_findings``.
    :ivar refused: number of documents the database refused; they are in ``cdp.rejected_orders``.
    """

    def __init__(
        self,
        db: Warehouse,
        manifest: Manifest,
        folder: Any,
        *,
        tenant: str,
        tenant_id: int,
        batch_id: str,
        sync_run_id: int,
        healing: bool,
        evidence: bool = False,
    ) -> None:
        self._db, self._sync_run_id, self._healing, self._evidence = db, sync_run_id, healing, evidence
        self._manifest, self._folder = manifest, folder
        self._tenant_id, self._name = tenant_id, f"{tenant} batch {batch_id}"
        self._key: dict[str, Any] = {"tenant_id": tenant_id, "batch_id": batch_id}
        self.refused = 0

    def write(self) -> Outcomes:
        """
        Write the batch; reject the documents that the database refuses, and write the others.

        :raises RowRefused: if it refuses more than a few.
        :raises CountMismatch: if orders and documents written are not as many.
        """
        try:
            with self._db.savepoint():
                return self._write()
        except RowRefused:
            numbers = range(sum(part.documents for part in self._manifest.parts))
            refused = refused_documents(self._try, numbers, most=tolerated(self._manifest.fetched))
        self.refused = len(refused)
        log.warning("%s: the database refuses %d documents; see cdp.rejected_orders", self._name, self.refused)
        for number, landed in self._landed(refused):
            rejected = {"order_id": landed.order_id, "payload": bytes(landed.document), "reason": refused[number]}
            self._db.run("staging/reject_order", **self._key, **rejected)
        self._db.run("staging/delete_documents", **self._key, document_nos=list(refused))
        return self._write()

    def _try(self, numbers: range) -> None:
        with self._db.savepoint(keep=False):
            self._db.run("staging/keep_documents", **self._key, first_no=numbers.start, after_no=numbers.stop)
            self._write()

    def _write(self) -> Outcomes:
        db, key = self._db, self._key
        db.run("orders/merge_order_fetches", **key)
        db.run("orders/resolve_rejected", **key)
        keep_buyers(db, **key)
        if self._healing:
            find_differences(db, **key)
            self._find_other_documents()
        found = db.rows("integrity/record_findings", **key, stored_documents=False) if self._evidence else []
        run = {"sync_run_id": self._sync_run_id, "healing": self._healing}
        (counts,) = db.rows("orders/merge_orders", ORDER_EVENTS, **key, **run)
        if found and found[0]["orders"] != counts["inserted"] + counts["updated"]:
            raise CountMismatch(
                f"{self._name}: {found[0]['orders']} orders were found to differ, but {counts['inserted']} + "
                f"{counts['updated']} are to be written; nothing was written: clear the task, it compares again"
            )
        replace_lines(db, **key)
        db.run("orders/insert_versions", **key)
        db.run("orders/note_changes", **key, sync_run_id=self._sync_run_id)
        db.run("orders/merge_buyers", BUYERS, **key)
        db.run("orders/merge_products", PRODUCTS, **key)
        self._replace_payloads(expected=counts["inserted"] + counts["updated"])
        delete_batch(db, **key)
        return Outcomes(**counts)

    def _find_other_documents(self) -> None:
        """Find the orders stored with another document than the one just read, or with none."""
        first_no = 0
        for part in self._manifest.parts:
            documents = [bytes(landed.document) for landed in read_part(self._folder / part.name)]
            self._db.run(
                "differences/payloads",
                **self._key,
                document_nos=list(range(first_no, first_no + len(documents))),
                digests=[hashlib.sha256(document).digest() for document in documents],
            )
            first_no += part.documents

    def _replace_payloads(self, *, expected: int) -> None:
        """Copy the documents of the orders just written from landing; no others pass through the database."""
        self._db.run("orders/delete_order_payloads", **self._key)
        written = {row["document_no"] for row in self._db.rows("orders/written_documents", **self._key)}
        copied = 0
        # One COPY per part: the driver buffers rows the server has not taken yet, and one COPY could buffer the window.
        for documents in self._parts(written):
            rows = ((self._tenant_id, landed.order_id, bytes(landed.document)) for _, landed in documents)
            copied += self._db.copy("cdp.order_payloads", _PAYLOADS, rows)
        if copied != expected:
            raise CountMismatch(f"{self._name}: wrote {expected} orders but {copied} documents; nothing was written")

    def _landed(self, wanted: Container[int]) -> Iterator[tuple[int, Landed]]:
        for documents in self._parts(wanted):
            yield from documents

    def _parts(self, wanted: Container[int]) -> Iterator[Iterator[tuple[int, Landed]]]:
        """Yield the wanted documents, with their numbers in the batch, part by part; read no part without any."""
        first_no = 0
        for part in self._manifest.parts:
            numbers = range(first_no, first_no + part.documents)
            first_no = numbers.stop
            if any(number in wanted for number in numbers):
                landed = enumerate(read_part(self._folder / part.name), numbers.start)
                yield ((number, each) for number, each in landed if number in wanted)
