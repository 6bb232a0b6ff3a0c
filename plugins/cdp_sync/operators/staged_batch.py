"""Landed documents of a batch, typed and loaded into staging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from airflow.sdk import ObjectStoragePath

from cdp_sync.errors import CountMismatch, WrongAccount
from cdp_sync.fetch.landing import Landed, Manifest, read_manifest, read_part
from cdp_sync.hooks.warehouse import RowRefused, Warehouse
from cdp_sync.integrity.unread_fields import UnreadFields
from cdp_sync.operators.refused_documents import refused_documents
from cdp_sync.operators.staged_rows import TypedDocument, analyze, copy_typed, delete_batch
from cdp_sync.rows.order_rows import type_order
from cdp_sync.rows.values import DocumentRejected, ForeignDocument
from cdp_sync.tenants import vtex_conn_id
from cdp_sync.tolerance import tolerated


class StagedBatch(NamedTuple):
    """
    Numbers of documents.

    :param masked: of a whole batch: those among the staged in which VTEX masked the buyer.
    """

    staged: int
    rejected: int
    masked: int = 0


def load_batch(
    db: Warehouse,
    manifest_uri: str,
    *,
    tenant: str,
    tenant_id: int,
    batch_id: str,
    unread: UnreadFields | None = None,
) -> StagedBatch:
    """
    Type the landed documents of a batch and COPY them into ``staging.*``; put the others into ``cdp.rejected_orders``.

    Deletes the batch first, so that it can be repeated; to be called within one transaction.

    :param unread: counts the documents' fields that no typing reads.
    :raises LandingIncomplete: if landed documents are gone.
    :raises WrongAccount: if more than a few are of another account, or all; what landed is deleted.
    :raises CountMismatch: if documents are not staged + rejected, by the manifest and by the table.
    :raises RowRefused: if the database refuses more than a few of them.
    """
    uri = ObjectStoragePath(manifest_uri)
    manifest = read_manifest(uri)
    key: dict[str, Any] = {"tenant_id": tenant_id, "batch_id": batch_id}
    tenant_row = db.row("tenants/one", tenant_id=tenant_id)
    account = tenant_row["order_hostname"] if tenant_row else ""
    foreign = Counter[str]()
    staged = rejected = 0
    delete_batch(db, **key)
    for part in manifest.parts:
        first_no = staged + rejected
        numbers = range(first_no, first_no + part.documents)
        load = _PartLoad(db, tenant_id, batch_id, account, uri.parent / part.name, numbers)
        loaded = load.copy(most=tolerated(manifest.fetched))
        foreign.update(load.foreign)
        if unread is not None:
            unread.update(load.unread)
        if sum(loaded) != part.documents:
            raise CountMismatch(
                f"{tenant} batch {batch_id}: {part.name} holds {sum(loaded)} documents, "
                f"its manifest says {part.documents}; clear the fetch task to land it again"
            )
        staged += loaded.staged
        rejected += loaded.rejected
    if foreign.total() > tolerated(manifest.fetched) or foreign.total() > 1 > staged:
        _delete_landed(uri, manifest)
        raise WrongAccount(
            f"{tenant} batch {batch_id}: {foreign.total()} of {manifest.fetched} documents are of the account "
            f"{foreign.most_common(1)[0][0]}. Connection {vtex_conn_id(tenant)} leads to {manifest.read_from}, and "
            f"the orders of this tenant are to name {account} (cdp.tenants.vtex_account, or order_hostname); nothing "
            "was merged. Correct the wrong one, then clear the fetch task"
        )
    (stored,) = db.rows("staging/count_batch", **key)
    if stored["documents"] != staged or staged + rejected != manifest.fetched + manifest.failed:
        raise CountMismatch(
            f"{tenant} batch {batch_id}: fetched {manifest.fetched} + failed {manifest.failed} is not "
            f"staged {staged} (in the table {stored['documents']}) + rejected {rejected}"
        )
    analyze(db)
    return StagedBatch(staged, rejected, stored["masked"])


def _delete_landed(uri: ObjectStoragePath, manifest: Manifest) -> None:
    """Delete what landed: a later attempt would take the other account's documents over."""
    uri.unlink()
    for part in manifest.parts:
        (uri.parent / part.name).unlink()


class _PartLoad:
    """
    Load of one part: documents stream through; only lines and rejects are kept for their own statements.

    :param account: the account whose orders they must be.
    :param numbers: numbers of the part's documents in the batch.
    :ivar foreign: other accounts, by document rejected for it.
    :ivar unread: fields of the documents that are not read.
    """

    def __init__(self, db: Warehouse, tenant_id: int, batch: str, account: str, part: Any, numbers: range) -> None:
        self._db, self._tenant_id, self._batch, self._account = db, tenant_id, batch, account
        self._part, self._numbers = part, numbers
        self.foreign: list[str] = []
        self.unread = UnreadFields()

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
        rejects: list[dict[str, Any]] = []
        self.foreign, self.unread = [], UnreadFields()
        typed = self._typed(documents, refused, rejects)
        staged = copy_typed(self._db, typed, tenant_id=self._tenant_id, batch_id=self._batch)
        if rejects:
            self._db.run_many("staging/reject_order", rejects)
        return StagedBatch(staged, len(rejects))

    def _typed(
        self, documents: Iterable[tuple[int, Landed]], refused: Mapping[int, str], rejects: list[dict[str, Any]]
    ) -> Iterator[TypedDocument]:
        """Yield documents, typed; collect those that are rejected."""
        for number, landed in documents:
            try:
                if (reason := landed.error or refused.get(number)) is not None:
                    raise DocumentRejected(reason)
                typed = type_order(
                    bytes(landed.document),
                    tenant_id=self._tenant_id,
                    order_id=landed.order_id,
                    account=self._account,
                )
            except DocumentRejected as rejected:
                if isinstance(rejected, ForeignDocument):
                    self.foreign.append(rejected.account)
                rejects.append(
                    {
                        "tenant_id": self._tenant_id,
                        "batch_id": self._batch,
                        "order_id": landed.order_id,
                        "reason": str(rejected),
                        "payload": bytes(landed.document) or landed.served or None,
                    }
                )
                continue
            self.unread.add(landed.order_id, typed.last_change, bytes(landed.document))
            yield TypedDocument(number, landed.fetched_at, landed.listing_hash, typed)
