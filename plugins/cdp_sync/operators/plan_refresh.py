"""Plan of ``cdp_full_refresh``."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import task

from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.planning import chosen, reason_to_skip
from cdp_sync.tenants import LOCAL_TZ, read_rows
from cdp_sync.windows import INDEX_LAG, PlannedWindow

log = logging.getLogger(__name__)


def first_instant(day: date) -> datetime:
    """Return midnight in Argentina, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(LOCAL_TZ)).astimezone(UTC)


@task
def plan_refresh(*, params: Any = None, dag_run: Any = None) -> list[dict[str, Any]]:
    """
    Plan the refresh of every active tenant, or of those the form names: a ``PlannedWindow`` each.

    Whole days in Argentina, up to the run's moment. A tenant whose sync is disabled gets a window that is skipped,
    visibly.
    """
    asked_at = (dag_run.data_interval_end or dag_run.run_after).astimezone(UTC)
    today = asked_at.astimezone(ZoneInfo(LOCAL_TZ)).date()
    with warehouse() as db:
        rows = {row["slug"]: row for row in db.rows("tenants/all")}
    slugs = chosen(params["tenants"], [tenant.slug for tenant in read_rows(rows.values(), at=asked_at)[0]])
    log.info("%d tenants, %d days up to %s", len(slugs), params["days"], asked_at)
    return [
        PlannedWindow(
            tenant_id=rows[slug]["tenant_id"],
            tenant=slug,
            window_start=first_instant(
                max(today - timedelta(days=params["days"]), rows[slug]["go_live_date"])
            ).isoformat(),
            window_end=(asked_at - INDEX_LAG).isoformat(),
            asked_at=asked_at.isoformat(),
            sample_percent=float(params["sample_percent"]),
            drift_percent=float(params["drift_percent"]),
            label=slug,
            skip_because=reason_to_skip(slug, rows[slug]) or "",
        ).as_xcom()
        for slug in slugs
    ]
