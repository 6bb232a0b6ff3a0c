"""Plan of ``cdp_full_refresh``."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import get_current_context, task

from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.planning import chosen, form_of, reason_to_skip
from cdp_sync.tenants import LOCAL_TZ, read_rows
from cdp_sync.windows import INDEX_LAG, PlannedWindow

log = logging.getLogger(__name__)


def first_instant(day: date) -> datetime:
    """Return midnight in Argentina, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(LOCAL_TZ)).astimezone(UTC)


@task
def plan_refresh() -> list[dict[str, Any]]:
    """
    Plan the refresh of every active tenant, or of those the form names: a ``PlannedWindow`` each.

    Whole days in Argentina, up to the run's moment. A tenant whose sync is disabled gets a window that is skipped,
    visibly.
    """
    context: Any = get_current_context()
    form, dag_run = form_of(context), context["dag_run"]
    asked_at = (dag_run.data_interval_end or dag_run.run_after).astimezone(UTC)
    today = asked_at.astimezone(ZoneInfo(LOCAL_TZ)).date()
    with warehouse() as db:
        rows = {row["slug"]: row for row in db.rows("tenants/all")}
    slugs = chosen(form["tenants"], read_rows(rows.values(), at=asked_at)[0])
    log.info("%d tenants, %d days up to %s", len(slugs), form["days"], asked_at)
    return [
        PlannedWindow(
            tenant_id=rows[slug]["tenant_id"],
            tenant=slug,
            window_start=first_instant(
                max(today - timedelta(days=form["days"]), rows[slug]["go_live_date"])
            ).isoformat(),
            window_end=(asked_at - INDEX_LAG).isoformat(),
            asked_at=asked_at.isoformat(),
            reread_before=asked_at.isoformat(),
            sample_percent=float(form["sample_percent"]),
            drift_percent=float(form["drift_percent"]),
            label=slug,
            skip_because=reason_to_skip(slug, rows[slug]) or "",
        ).as_xcom()
        for slug in slugs
    ]
