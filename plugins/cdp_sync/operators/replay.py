"""Replay of stored documents."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

from cdp_sync import clock
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.replayed_orders import Replay, Replayed
from cdp_sync.operators.stored_documents import Selection
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.outcomes import OUTCOME
from cdp_sync.windows import PlannedWindow

BEGUN = {"listed": 0, "skipped": 0, "fetched": 0, "failed": 0, "requests": 0, "throttled": 0}
"""Counts of a run that asked VTEX for nothing."""


class ReplayOrdersOperator(WindowTaskOperator):
    """
    Type the stored documents of a tenant again, and write the rows that differ from them.

    Idempotent. An interrupted run goes on after the last batch it wrote; a completed one that is cleared begins anew.
    Proves documents = written + unchanged + rejected.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        conn_id = self.warehouse_conn_id
        with warehouse(conn_id, autocommit=True) as db, warehouse(conn_id, autocommit=True) as reader:
            key: dict[str, Any] = {"tenant_id": self.tenant_id, "batch_id": batch}
            before = db.row("runs/batch", **key)
            if before is not None and before["status"] == "completed":
                db.run("replay/forget", **key)
            selection = self._selection()
            bounds = {"window_start": selection.orders_from, "window_end": selection.orders_to}
            (run,) = db.rows("runs/begin_run", **key, **bounds, sync_type=self.sync_type.name)
            replay = Replay(db, reader, selection, tenant=self.tenant, **key, sync_run_id=run["sync_run_id"])
            with closing(replay.batches()) as batches:
                while not self._too_late() and (done := next(batches, None)):
                    self.log.info("%s: %s", self.tenant, done)
            done = replay.done
            db.run("runs/complete_run", **key, **BEGUN, **_counts(done))
        self.log.info("%s: %s", self.tenant, done)
        self._announce(context, done)
        return replace(self.planned, counts=_counts(done))

    def _selection(self) -> Selection:
        planned = self.planned
        return Selection(
            orders_from=datetime.fromisoformat(planned.window_start) if planned.window_start else None,
            orders_to=datetime.fromisoformat(planned.window_end) if planned.window_end else None,
            only_outdated=planned.only_outdated,
            only_differing=planned.only_differing,
        )

    def _too_late(self) -> bool:
        ends = self.planned.not_after
        if late := bool(ends) and clock.now() >= datetime.fromisoformat(ends):
            self.log.info("%s: off-peak time is over; the rest follows in the next", self.tenant)
        return late

    def _announce(self, context: Any, done: Replayed) -> None:
        counts = _counts(done)
        context["ti"].xcom_push(
            OUTCOME,
            {"new": 0, "changed": done.written, "unchanged": counts["unchanged"], "rejected": done.rejected},
        )
        if done.written:
            self.announce(context, counts)


def _counts(done: Replayed) -> Mapping[str, int]:
    unchanged = done.typed - done.written
    outcomes = {"inserted": 0, "updated": done.written, "unchanged": unchanged, "superseded": 0}
    return {"staged": done.typed, "rejected": done.rejected, **outcomes}
