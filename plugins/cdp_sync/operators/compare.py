"""What a full refresh found: set against set, order by order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cdp_sync.errors import CountMismatch
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.windows import PlannedWindow

FOUND = ("listed", "stored", "unhealed", "missing_healed", "stale_healed", "drifted", "vanished", "value_drift")
VANISHED_AT_ONCE = 3
VANISHED_SHARE = 0.05
"""Orders do vanish, but one by one; a list that lacks more of them at once is itself at fault."""


class CompareIntegrityOperator(WindowTaskOperator):
    """
    Compare what VTEX listed to a full refresh with what is stored now, into ``cdp.integrity_checks``.

    Marks the orders VTEX lists no longer (``vanished_at``), and those it lists again. Idempotent. Listed = stored +
    unhealed is proven for every day. It hands over the sums over all days.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        key = {"tenant_id": self.tenant_id, "batch_id": batch}
        with warehouse(self.warehouse_conn_id) as db:
            run = db.row("integrity/refresh", **key)
            if run is None or run["recorded"] == 0 < run["listed"]:
                raise CountMismatch(
                    f"{self.tenant} batch {batch}: what VTEX listed is no longer in staging.listings; "
                    "clear the fetch task to list it again"
                )
            db.run("integrity/compare", **key, window_start=run["window_start"], window_end=run["window_end"])
            (found,) = db.rows("integrity/findings", **key)
            self._doubt_the_list(found)
        sums = {name: found[name] for name in FOUND}
        self.log.info("%s refresh of %s: %s", self.tenant, self.planned.window, sums)
        return replace(self.planned, counts=sums)

    def _doubt_the_list(self, found: Mapping[str, Any]) -> None:
        vanished, known = found["vanished"], found["vanished"] + found["stored"]
        if vanished > max(VANISHED_AT_ONCE, VANISHED_SHARE * known):
            raise CountMismatch(
                f"{self.tenant} {self.planned.window}: VTEX lists {vanished} of {known} stored orders no longer; so "
                "many do not vanish in a week, so nothing was marked: clear the run when VTEX's list is whole again"
            )
