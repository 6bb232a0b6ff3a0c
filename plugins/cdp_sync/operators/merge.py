"""Merge of staged orders into ``cdp``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Asset, AssetAlias, ObjectStoragePath

from cdp_sync.assets import orders_asset_name, orders_asset_uri
from cdp_sync.errors import CountMismatch
from cdp_sync.fetch.landing import Manifest, read_manifest, read_part
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.operators.staged_batch import load_batch
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.rows.merged_columns import CUSTOMERS, ORDER_EVENTS, ORDER_ITEMS, PRODUCTS
from cdp_sync.vtex.feed import RETENTION_SECONDS
from cdp_sync.windows import INDEX_LAG, PlannedWindow

OUTCOMES = ("inserted", "updated", "unchanged", "superseded")


def orders_asset(slug: str) -> Asset:
    """Return the asset that a merge of a tenant's orders updates."""
    return Asset(name=orders_asset_name(slug), uri=orders_asset_uri(slug), group="cdp_orders")


class MergeOrdersOperator(WindowTaskOperator):
    """
    Merge a staged batch into ``cdp.*`` and complete its checkpoint, all in one transaction.

    Idempotent: the newest version of an order wins. Distinguishes a batch already merged, by an attempt that died
    before it could report so, from a lost one. Proves staged = inserted + updated + unchanged + superseded.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        manifest = read_manifest(ObjectStoragePath(self.planned.manifest))
        with warehouse(self.warehouse_conn_id) as db:
            db.run("runs/lock_tenant", tenant_id=self.tenant_id)
            counts = self._merge(db, batch, manifest)
        self.log.info("%s batch %s: %s", self.tenant, batch, counts)
        self._announce(context, counts)
        return replace(self.planned, counts=counts)

    def _announce(self, context: Any, counts: Mapping[str, int]) -> None:
        for outlet in self.outlets:
            event = context["outlet_events"][outlet]
            if isinstance(outlet, AssetAlias):
                event.add(orders_asset(self.tenant), extra=dict(counts))
            else:
                event.extra = dict(counts)

    def _merge(self, db: Warehouse, batch: str, manifest: Manifest) -> dict[str, int]:
        run = db.row("runs/batch", tenant_id=self.tenant_id, batch_id=batch)
        staged = self.planned.counts["staged"]
        if run is None:
            raise CountMismatch(f"{self.tenant} batch {batch}: the run is not in cdp.sync_runs; clear the fetch task")
        if run["status"] == "completed" and run["waiting"] == 0 and run["staged"] == staged:
            self.log.info("%s batch %s was merged before, nothing to do", self.tenant, batch)
            return {"sync_run_id": run["sync_run_id"], **{name: run[name] for name in OUTCOMES}}
        if run["waiting"] != staged:
            self._load_again(db, batch, staged, run["waiting"])
        counts = self._write(db, batch, manifest, run["sync_run_id"])
        if sum(counts.values()) != staged:
            raise CountMismatch(
                f"{self.tenant} batch {batch}: staged {staged} is not inserted + updated + unchanged + superseded "
                f"{counts}; nothing was written"
            )
        self._complete(db, batch, manifest, counts)
        return {"sync_run_id": run["sync_run_id"], **counts}

    def _load_again(self, db: Warehouse, batch: str, staged: int, waiting: int) -> None:
        """Load what a crash of the database took: staging is not logged, landing has it still."""
        said = "%s batch %s: staging holds %d of %d documents; loading them again"
        self.log.warning(said, self.tenant, batch, waiting, staged)
        loaded = load_batch(db, self.planned.manifest, tenant=self.tenant, tenant_id=self.tenant_id, batch_id=batch)
        if loaded.staged != staged:
            raise CountMismatch(
                f"{self.tenant} batch {batch}: stage reported {staged} documents, landing holds {loaded.staged}; clear "
                "the fetch task to land them again"
            )

    def _write(self, db: Warehouse, batch: str, manifest: Manifest, sync_run_id: int) -> dict[str, int]:
        key = {"tenant_id": self.tenant_id, "batch_id": batch}
        db.run("orders/merge_order_fetches", **key)
        db.run("orders/resolve_rejected", **key)
        (counts,) = db.rows("orders/merge_orders", ORDER_EVENTS, **key, sync_run_id=sync_run_id)
        db.run("orders/delete_order_items", **key)
        db.run("orders/insert_order_items", ORDER_ITEMS, **key)
        db.run("orders/merge_customers", CUSTOMERS, **key)
        db.run("orders/merge_products", PRODUCTS, **key)
        self._replace_payloads(db, batch, manifest, expected=counts["inserted"] + counts["updated"])
        db.run("staging/delete_batch", **key)
        return {name: counts[name] for name in OUTCOMES}

    def _replace_payloads(self, db: Warehouse, batch: str, manifest: Manifest, *, expected: int) -> None:
        """Copy the documents of the orders just written from landing; no others pass through the database."""
        key = {"tenant_id": self.tenant_id, "batch_id": batch}
        db.run("orders/delete_order_payloads", **key)
        written = {row["document_no"] for row in db.rows("orders/written_documents", **key)}
        columns = ("tenant_id", "order_id", "document")
        # One COPY per part: the driver buffers rows the server has not taken yet, and one COPY could buffer the window.
        copied = first_no = 0
        for part in manifest.parts:
            copied += db.copy("cdp.order_payloads", columns, self._documents(part.name, first_no, written))
            first_no += part.documents
        if copied != expected:
            raise CountMismatch(
                f"{self.tenant} batch {batch}: wrote {expected} orders but {copied} documents; nothing was written"
            )

    def _documents(self, part: str, first_no: int, written: set[int]) -> Iterator[tuple[object, ...]]:
        for number, landed in enumerate(read_part(ObjectStoragePath(self.planned.manifest).parent / part), first_no):
            if number in written:
                yield self.tenant_id, landed.order_id, bytes(landed.document)

    def _complete(self, db: Warehouse, batch: str, manifest: Manifest, counts: dict[str, int]) -> None:
        key = {"tenant_id": self.tenant_id, "batch_id": batch}
        fetched = ("listed", "skipped", "fetched", "failed", "requests", "throttled")
        db.run(
            "runs/complete_run",
            **key,
            **{name: getattr(manifest, name) for name in fetched},
            staged=self.planned.counts["staged"],
            rejected=self.planned.counts["rejected"],
            **counts,
        )
        if self.sync_type.orders_from == "inbox":
            db.run("inbox/process", **key)
            db.run("inbox/forget_processed", tenant_id=self.tenant_id, retention=RETENTION_SECONDS)
        if self.sync_type.covers_time:
            self._complete_window(db, batch, manifest)

    def _complete_window(self, db: Warehouse, batch: str, manifest: Manifest) -> None:
        db.run(
            "runs/complete_checkpoint",
            tenant_id=self.tenant_id,
            batch_id=batch,
            sync_type=self.sync_type.name,
            window_start=manifest.window_start,
            window_end=manifest.window_end,
            landing_uri=self.planned.manifest,
            listed=manifest.listed,
            fetched=manifest.fetched,
            rejected=self.planned.counts["rejected"],
        )
        now = datetime.now(UTC)
        if self.sync_type.sets_freshness:
            # Not the run's moment alone: a window of last March, asked for today, does not make data fresh.
            synced_at = min(datetime.fromisoformat(self.planned.asked_at), manifest.window_end + INDEX_LAG, now)
            db.run("runs/advance_last_sync_at", tenant_id=self.tenant_id, synced_at=synced_at)
        if since := self.planned.changed_from:
            bounds = {"changed_from": since, "window_end": manifest.window_end}
            db.run("gaps/close_feed_gaps", tenant_id=self.tenant_id, **bounds)
        db.run("runs/forget_begun_checkpoints", tenant_id=self.tenant_id)
        db.run("gaps/note_gaps", tenant_id=self.tenant_id, as_of=now)
