"""Plan of ``cdp_orders__<slug>``: the window of a run."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from cdp_sync import clock
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.planning import form_of, reason_to_skip, window_asked_for
from cdp_sync.rereading import reread_before
from cdp_sync.settings import off_peak
from cdp_sync.windows import INDEX_LAG, PlannedWindow, incremental_window, within_vtex_memory

log = logging.getLogger(__name__)


def plan_incremental(context: Any, db: Warehouse, *, tenant_id: int, tenant: str) -> PlannedWindow:
    """
    Plan an incremental run: the window of the form, else the run's own.

    The fetch calls it when it begins, so that planning costs no task of its own. A plan depends on the run, not on the
    clock: a cleared run looks at the same window again.

    :return: the window; with a reason to skip it if the tenant's sync is disabled.
    :raises BadWindow: if the form's window cannot be synced.
    """
    asked_at, form = moment(context["dag_run"]), form_of(context)
    row = db.row("tenants/one", tenant_id=tenant_id)
    skip_because = reason_to_skip(tenant, row)
    listed_from = changed_from = reread = ""
    if row is None or skip_because is not None:
        window = incremental_window(asked_at, None)
    elif asked_for := window_asked_for(form, asked_at):
        window = asked_for
    else:
        before = {"tenant_id": tenant_id, "before": asked_at - INDEX_LAG}
        (last,) = db.rows("runs/last_completed_end", **before)
        (gap,) = db.rows("gaps/feed_gap", **before)
        window = within_vtex_memory(incremental_window(asked_at, last["window_end"]), clock.now())
        changed_from = min(window.start, gap["since"] or window.start).isoformat()
        lookback = timedelta(days=row["change_lookback_days"])
        listed_from = min(window.start, min(window.end, gap["since"] or window.end) - lookback).isoformat()
        reread = reread_before(
            asked_at, every_hours=row["sync_frequency_hours"], off_peak_from=off_peak().first
        ).isoformat()
    log.info("%s: window %s, creation dates from %s", tenant, window, listed_from or window.start)
    return PlannedWindow(
        tenant_id=tenant_id,
        tenant=tenant,
        window_start=window.start.isoformat(),
        window_end=window.end.isoformat(),
        asked_at=asked_at.isoformat(),
        listed_from=listed_from,
        changed_from=changed_from,
        reread_before=reread,
        force_refetch=bool(form["force_refetch"]),
        skip_because=skip_because or "",
    )


def moment(run: Any) -> datetime:
    """
    Return the moment up to which a run syncs.

    For a run triggered by hand, its start: the form gives it an interval that ended hours ago, and the API none. For
    all others, the end of their interval; in a backfill that is long past.
    """
    by_hand = run.run_type == "manual" or run.data_interval_end is None
    asked_at: datetime = run.run_after if by_hand else run.data_interval_end
    return asked_at.astimezone(UTC)
