"""Merge of staged orders into ``cdp``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from airflow.sdk import ObjectStoragePath

from cdp_sync import clock
from cdp_sync.errors import CountMismatch
from cdp_sync.fetch.landing import Manifest, read_manifest
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.operators.merged_batch import MergedBatch, Outcomes
from cdp_sync.operators.staged_batch import load_batch
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.outcomes import MASKED, NEW_FIELDS, OUTCOME
from cdp_sync.vtex.feed import RETENTION_SECONDS
from cdp_sync.windows import INDEX_LAG, PlannedWindow


class MergeOrdersOperator(WindowTaskOperator):
    """
    Merge a staged batch into ``cdp.*`` and complete its checkpoint, all in one transaction.

    Idempotent: the newest version of an order wins. Distinguishes a batch already merged, by an attempt that died
    before it could report so, from a lost one. Proves staged = inserted + updated + unchanged + superseded + refused by
    the database.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        manifest = read_manifest(ObjectStoragePath(self.planned.manifest))
        with warehouse(self.warehouse_conn_id) as db:
            db.run("runs/lock_tenant", tenant_id=self.tenant_id)
            counts = self._merge(db, batch, manifest)
        self.log.info("%s batch %s: %s", self.tenant, batch, counts)
        self.announce(context, counts)
        context["ti"].xcom_push(OUTCOME, self._outcome(counts, manifest))
        return replace(self.planned, counts=counts)

    def _outcome(self, counts: Mapping[str, int], manifest: Manifest) -> dict[str, int]:
        """Return the numbers for the run's note; orders whose list row shows no change are unchanged."""
        unchanged = manifest.skipped - manifest.uncovered + counts["unchanged"] + counts["superseded"]
        changes = {"new": counts["inserted"], "changed": counts["updated"], "unchanged": unchanged}
        staged = {name: self.planned.counts[name] for name in (MASKED, NEW_FIELDS)}
        return changes | {"rejected": counts["rejected"], **staged}

    def _merge(self, db: Warehouse, batch: str, manifest: Manifest) -> dict[str, int]:
        run = db.row("runs/batch", tenant_id=self.tenant_id, batch_id=batch)
        staged, rejected = self.planned.counts["staged"], self.planned.counts["rejected"]
        if run is None:
            raise CountMismatch(f"{self.tenant} batch {batch}: the run is not in cdp.sync_runs; clear the fetch task")
        if run["status"] == "completed" and run["waiting"] == 0 and run["documents"] == staged + rejected:
            self.log.info("%s batch %s was merged before, nothing to do", self.tenant, batch)
            return {name: run[name] for name in ("sync_run_id", "rejected", *Outcomes._fields)}
        if run["waiting"] != staged:
            self._load_again(db, batch, staged, run["waiting"])
        merge = MergedBatch(
            db,
            manifest,
            ObjectStoragePath(self.planned.manifest).parent,
            tenant=self.tenant,
            tenant_id=self.tenant_id,
            batch_id=batch,
            sync_run_id=run["sync_run_id"],
            healing=self.sync_type.compares or self.planned.force_refetch,
            evidence=self.sync_type.compares,
        )
        outcomes = merge.write()
        if sum(outcomes) + merge.refused != staged:
            raise CountMismatch(
                f"{self.tenant} batch {batch}: staged {staged} is not inserted + updated + unchanged + superseded "
                f"{outcomes} + refused {merge.refused}; nothing was written"
            )
        counts = {"rejected": rejected + merge.refused, **outcomes._asdict()}
        self._complete(db, batch, manifest, {"staged": staged - merge.refused, **counts})
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

    def _complete(self, db: Warehouse, batch: str, manifest: Manifest, counts: dict[str, int]) -> None:
        key = {"tenant_id": self.tenant_id, "batch_id": batch}
        fetched = ("listed", "skipped", "fetched", "failed", "requests", "throttled")
        db.run(
            "runs/complete_run",
            **key,
            **{name: getattr(manifest, name) for name in fetched},
            **counts,
        )
        if self.sync_type.orders_from == "inbox":
            db.run("inbox/process", **key)
            db.run("inbox/forget_processed", tenant_id=self.tenant_id, retention=RETENTION_SECONDS)
        if self.sync_type.covers_time:
            self._complete_window(db, batch, manifest, counts)

    def _complete_window(self, db: Warehouse, batch: str, manifest: Manifest, counts: dict[str, int]) -> None:
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
            rejected=counts["rejected"],
        )
        now = clock.now()
        if self.sync_type.sets_freshness:
            # Not the run's moment alone: a window of last March, asked for today, does not make data fresh.
            synced_at = min(datetime.fromisoformat(self.planned.asked_at), manifest.window_end + INDEX_LAG, now)
            db.run("runs/advance_last_sync_at", tenant_id=self.tenant_id, synced_at=synced_at)
        if since := self.planned.changed_from:
            bounds = {"changed_from": since, "window_end": manifest.window_end}
            db.run("gaps/close_feed_gaps", tenant_id=self.tenant_id, **bounds)
        db.run("runs/forget_begun_checkpoints", tenant_id=self.tenant_id)
        db.run("gaps/note_gaps", tenant_id=self.tenant_id, as_of=now)
