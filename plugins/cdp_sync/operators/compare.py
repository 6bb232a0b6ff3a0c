"""Comparison of a full refresh: listed with stored orders, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cdp_sync import clock
from cdp_sync.errors import CountMismatch
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.windows import PlannedWindow

FOUND = (
    "listed", "stored", "rejected", "missing", "stale", "wrong", "unhealed", "drifted", "vanished", "value_drift",
)  # fmt: skip
VANISHED_AT_ONCE = 3
VANISHED_SHARE = 0.05
"""Share of stored orders that may vanish at once; if more are missing, the list itself is wrong."""


class CompareIntegrityOperator(WindowTaskOperator):
    """
    Compare the orders VTEX listed with those stored now; write the result to ``cdp.integrity_checks``.

    Counts what was found since the last comparison (``cdp.integrity_findings``). Marks orders that VTEX no longer lists
    (``vanished_at``); unmarks those it lists again. Idempotent. Proves listed = stored + rejected for every day, and
    that the counts are those of the evidence. Hands over the sums over all days.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        key = {"tenant_id": self.tenant_id, "batch_id": batch}
        with warehouse(self.warehouse_conn_id) as db:
            run = db.row("integrity/refresh", **key)
            if run is None or run["recorded"] == 0 < run["listed"]:
                raise CountMismatch(
                    f"{self.tenant} batch {batch}: VTEX's list is no longer in staging.listings; "
                    "clear the fetch task to list it again"
                )
            db.run("integrity/close_findings", **key)
            db.run("integrity/forget_check", **key)
            bounds = {"window_start": run["window_start"], "window_end": run["window_end"]}
            for name in ("mark_vanished", "find_absent", "count_findings"):
                db.run(f"integrity/{name}", **key, **bounds)
            (found,) = db.rows("integrity/found", **key)
            self._check_list_plausible(found)
            self._check_evidence(found)
            db.run("integrity/forget_findings", tenant_id=self.tenant_id, as_of=clock.now())
        sums = {name: found[name] for name in FOUND}
        self.log.info("%s refresh of %s: %s", self.tenant, self.planned.window, sums)
        return replace(self.planned, counts=sums)

    def _check_list_plausible(self, found: Mapping[str, Any]) -> None:
        vanished, known = found["vanished"], found["vanished"] + found["stored"]
        if vanished > max(VANISHED_AT_ONCE, VANISHED_SHARE * known):
            raise CountMismatch(
                f"{self.tenant} {self.planned.window}: VTEX no longer lists {vanished} of {known} stored orders; that "
                "many do not vanish in a week, so nothing was marked: clear the fetch task when the list is whole again"
            )

    def _check_evidence(self, found: Mapping[str, Any]) -> None:
        if found["counted"] != found["evidence"]:
            raise CountMismatch(
                f"{self.tenant} {self.planned.window}: cdp.integrity_checks counts {found['counted']} findings, "
                f"cdp.integrity_findings has {found['evidence']}; nothing was written: clear the task, it counts again"
            )
