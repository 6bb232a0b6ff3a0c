"""Task of ``cdp_customers__<slug>``: one step of a calculation, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from airflow.sdk import Asset, BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.assets import customers_asset_name, customers_asset_uri
from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID, Warehouse, warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.identify import identify
from cdp_sync.operators.customers.journey import advance
from cdp_sync.operators.customers.profile import profile
from cdp_sync.operators.customers.score import score
from cdp_sync.operators.customers.unmerge import unmerge
from cdp_sync.operators.skipping import skip
from cdp_sync.outcomes import SAID

_ROOM = "intelligence/runs"
STEPS: dict[str, Callable[[Warehouse, Calculation], dict[str, int]]] = {
    "identify": identify,
    "profile": profile,
    "score": score,
    "journey": advance,
}
"""Steps of a calculation, in their order."""
MANY = 5000
"""Changed orders, or touched customers, from which tables are read as a whole."""
FIRST, LAST = "identify", "journey"
NIGHTLY = "scheduled"
"""Type of the runs that calculate everyone."""
DONE = (
    "{touched} customers calculated: {created} new, {merged} merged, {split} split, {gone} gone; {moved} in another "
    "segment, {advanced} further on their journey"
)


def customers_asset(slug: str) -> Asset:
    """Return the asset that a calculation of a tenant's customers updates."""
    return Asset(name=customers_asset_name(slug), uri=customers_asset_uri(slug), group="cdp_customers")


def run_step(db: Warehouse, step: str, of: Calculation) -> dict[str, int]:
    """Run one of ``STEPS`` in the open transaction; return its counts."""
    db.rows(f"{_ROOM}/expect_many", tenant_id=of.tenant_id, everyone=of.everyone, many=MANY)
    return STEPS[step](db, of)


class CustomerStepOperator(BaseOperator):
    """
    Step of a calculation of one tenant's customers; its XCom are its counts.

    All of it or nothing is written. Whom a failed run did not come to, the next run calculates.

    :param step: one of ``STEPS``; also the task's id.
    """

    def __init__(
        self, *, step: str, tenant: str, tenant_id: int, warehouse_conn_id: str = WAREHOUSE_CONN_ID, **kwargs: Any
    ) -> None:
        super().__init__(task_id=step, **kwargs)
        self.step, self.tenant, self.tenant_id = step, tenant, tenant_id
        self.warehouse_conn_id = warehouse_conn_id

    def execute(self, context: Any) -> dict[str, int]:
        key = {"tenant_id": self.tenant_id, "run_id": context["dag_run"].run_id}
        with warehouse(self.warehouse_conn_id) as db:
            db.run(f"{_ROOM}/lock", tenant_id=self.tenant_id)
            found = db.row(f"{_ROOM}/one", **key)
            if self.step == FIRST:
                found = self._begin(db, context, is_new=found is None)
            if found is None:
                raise AirflowFailException(f"{self.tenant}: this run has not begun; clear its task {FIRST}")
            is_due = found.get("is_due", True)
            if is_due:
                counts = self._calculate(db, found)
                db.run(f"{_ROOM}/count_step", **key, counts=json.dumps(counts))
        if not is_due:
            skip(context, f"{self.tenant}: no order changed since the last calculation")
        self.log.info("%s as of %s: %s", self.tenant, found["as_of"].isoformat(), counts)
        if self.step == LAST:
            context["ti"].xcom_push(SAID, DONE.format_map(found["counts"] | counts))
        return counts

    def _begin(self, db: Warehouse, context: Any, *, is_new: bool) -> dict[str, Any]:
        run, params = context["dag_run"], context["params"]
        if is_new:  # with a run that has begun, what it asks for is done
            asked_by = getattr(run, "triggering_user_name", None) or run.run_id
            unmerge(db, self.tenant_id, self.tenant, params, asked_by=asked_by)
        as_of = datetime.fromisoformat(params["as_of"]) if params.get("as_of") else run.run_after
        everyone = bool(params.get("everyone")) or run.run_type == NIGHTLY
        key = {"tenant_id": self.tenant_id, "run_id": run.run_id}
        (row,) = db.rows(f"{_ROOM}/begin", **key, as_of=as_of, everyone=everyone)
        return row

    def _calculate(self, db: Warehouse, found: Mapping[str, Any]) -> dict[str, int]:
        of = Calculation(self.tenant_id, self.tenant, found["as_of"], found["everyone"], found["sync_run_id"])
        counts = run_step(db, self.step, of)
        if self.step == LAST:
            db.run(f"{_ROOM}/forget_touched", tenant_id=self.tenant_id)
        return counts
