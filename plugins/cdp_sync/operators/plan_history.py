"""Plan of ``cdp_history__<slug>``: the next windows of a tenant's past."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync import clock
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.operators.planning import form_of, reason_to_skip, window_asked_for
from cdp_sync.operators.window_task import skip_run
from cdp_sync.settings import off_peak
from cdp_sync.sync_types import HISTORICAL
from cdp_sync.vtex.pacing import pace_within
from cdp_sync.windows import HISTORY_WINDOW, BadWindow, PlannedWindow, Window

log = logging.getLogger(__name__)


@task
def plan_history(tenant_id: int, tenant: str) -> list[dict[str, Any]]:
    """
    Plan the next windows of a tenant's history: a ``PlannedWindow`` each, newest first; none if no gap is left.

    A window begun by an interrupted run keeps its bounds; completed windows are left out.
    """
    context = get_current_context()
    form, now = form_of(context), clock.now()
    asked_at = context["dag_run"].run_after.astimezone(UTC)
    ends = off_peak().end_after(now) if form["off_peak_only"] else None
    pace = form["requests_per_second"]
    if pace is not None:
        try:
            pace = pace_within(pace)
        except ValueError as bad:
            raise AirflowFailException(f"{tenant}: requests_per_second: {bad}") from None
    with warehouse() as db:
        reason = reason_to_skip(tenant, db.row("tenants/one", tenant_id=tenant_id))
    if reason is None and form["off_peak_only"] and ends is None:
        reason = (
            f"{tenant}: off-peak time ({off_peak()}) is over; the rest follows in the next, or trigger this DAG "
            "without off_peak_only"
        )
    if reason is not None:
        skip_run(context, reason, tenant_id=tenant_id, sync_type=HISTORICAL)
    with warehouse() as db:
        db.run("gaps/note_gaps", tenant_id=tenant_id, as_of=now)
        try:
            windows = _windows(db, tenant_id, form, asked_at, now)
        except BadWindow as bad:
            raise AirflowFailException(f"{tenant}: {bad}") from None
    log.info("%s: %d windows %s", tenant, len(windows), [str(window) for window in windows[:3]])
    return [
        PlannedWindow(
            tenant_id=tenant_id,
            tenant=tenant,
            window_start=window.start.isoformat(),
            window_end=window.end.isoformat(),
            asked_at=asked_at.isoformat(),
            force_refetch=bool(form["force_refetch"]),
            requests_per_second=pace,
            not_after=ends.astimezone(UTC).isoformat() if ends else "",
            label=f"{window.start:%Y-%m-%d}",
        ).as_xcom()
        for window in windows
    ]


def _windows(db: Warehouse, tenant_id: int, form: Any, asked_at: datetime, now: datetime) -> list[Window]:
    if asked_for := window_asked_for(form, asked_at):
        return list(asked_for.pieces(HISTORY_WINDOW))
    rows = db.rows(
        "gaps/history_windows", tenant_id=tenant_id, as_of=now, length=HISTORY_WINDOW, windows=form["windows"]
    )
    return [Window(row["window_start"], row["window_end"]) for row in rows]
