"""Replay of stored documents."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

from cdp_sync import clock
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.operators.replayed_orders import Replay, Replayed
from cdp_sync.operators.stored_documents import Selection
from cdp_sync.operators.window_task import WindowTaskOperator, skip_run
from cdp_sync.outcomes import OUTCOME
from cdp_sync.windows import PlannedWindow

BEGUN = {"listed": 0, "skipped": 0, "fetched": 0, "failed": 0, "requests": 0, "throttled": 0}
"""Counts of a run that asked VTEX for nothing."""


class ReplayOrdersOperator(WindowTaskOperator):
    """
    Type the stored documents of a tenant again, and write the rows that differ from them.

    Idempotent. An interrupted one goes on after the last batch it wrote; one that is done and cleared begins anew.
    Before the fetch of a sync type that compares, it records what it heals as findings of that run, and which orders
    are stored without a document that can be typed.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        conn_id = self.warehouse_conn_id
        key: dict[str, Any] = {"tenant_id": self.tenant_id, "batch_id": batch}
        if reason := self.planned.skip_because:
            skip_run(context, reason, tenant_id=self.tenant_id, sync_type=self.sync_type, conn_id=conn_id)
        with warehouse(conn_id, autocommit=True) as db, warehouse(conn_id, autocommit=True) as reader:
            selection = self._selection()
            bounds = {"window_start": selection.orders_from, "window_end": selection.orders_to}
            (run,) = db.rows("runs/begin_run", **key, **bounds, sync_type=self.sync_type.name)
            db.run("replay/forget_completed", **key)
            replay = Replay(
                db,
                reader,
                selection,
                tenant=self.tenant,
                **key,
                sync_run_id=run["sync_run_id"],
                found=(lambda: self._record_findings(db, key)) if self.sync_type.compares else None,
            )
            if self._run(replay):
                db.run("replay/complete", **key)
            done = replay.done
            if self.sync_type.compares:
                db.run("integrity/find_documents", **key)
            else:
                db.run("runs/complete_run", **key, **BEGUN, **_counts(done))
        self.log.info("%s: %s", self.tenant, done)
        self._report(context, done)
        return replace(self.planned, counts=_counts(done))

    def _run(self, replay: Replay) -> bool:
        """Replay batch after batch; return whether all are done, False if off-peak time ended before."""
        ends = self.planned.not_after
        with closing(replay.batches()) as batches:
            while not ends or clock.now() < datetime.fromisoformat(ends):
                if (done := next(batches, None)) is None:
                    return True
                self.log.info("%s: %s", self.tenant, done)
        self.log.info("%s: off-peak time is over; the rest follows in the next", self.tenant)
        return False

    def _selection(self) -> Selection:
        planned = self.planned
        return Selection(
            orders_from=datetime.fromisoformat(planned.window_start) if planned.window_start else None,
            orders_to=datetime.fromisoformat(planned.window_end) if planned.window_end else None,
            only_outdated=planned.only_outdated,
            only_differing=planned.only_differing,
        )

    def _record_findings(self, db: Warehouse, key: Mapping[str, Any]) -> None:
        db.rows("integrity/record_findings", **key, stored_documents=True)

    def _report(self, context: Any, done: Replayed) -> None:
        outcome = {"new": 0, "changed": done.written, "unchanged": 0, "rejected": 0}
        if not self.sync_type.compares:  # else the merge counts the same orders
            outcome |= {"unchanged": done.typed - done.written, "rejected": done.rejected}
        context["ti"].xcom_push(OUTCOME, outcome)
        if done.written:
            self.announce(context, _counts(done))


def _counts(done: Replayed) -> Mapping[str, int]:
    unchanged = done.typed - done.written
    outcomes = {"inserted": 0, "updated": done.written, "unchanged": unchanged, "superseded": 0}
    return {"staged": done.typed, "rejected": done.rejected, **outcomes}
