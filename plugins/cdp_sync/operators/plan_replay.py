"""Plan of ``cdp_replay``, and search for the orders that need one."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync import clock
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.planning import ACTIVE, chosen, form_of
from cdp_sync.operators.skipping import skip
from cdp_sync.rows.typing_version import TYPING_VERSION
from cdp_sync.settings import off_peak
from cdp_sync.tenants import read_rows
from cdp_sync.windows import BadWindow, PlannedWindow, Window

log = logging.getLogger(__name__)
REPLAY_DAG_ID = "cdp_replay"
EARLIEST, LATEST = "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"


@task
def plan_replay() -> list[dict[str, Any]]:
    """Plan the replay of every active tenant, or of those the form names: a ``PlannedWindow`` each."""
    context: Any = get_current_context()
    form, now = form_of(context), clock.now()
    asked_at = context["dag_run"].run_after.astimezone(UTC)
    start, end = form["orders_from"] or "", form["orders_to"] or ""
    try:
        Window.parse(start or EARLIEST, end or LATEST)
    except BadWindow as bad:
        raise AirflowFailException(f"orders_from, orders_to: {bad}") from None
    ends = off_peak().end_after(now) if form["off_peak_only"] else None
    if form["off_peak_only"] and ends is None:
        skip(context, f"off-peak time ({off_peak()}) is over; trigger this DAG without off_peak_only, or wait for it")
    with warehouse() as db:
        rows = {row["slug"]: row for row in db.rows("tenants/all")}
    slugs = chosen(form["tenants"], read_rows(rows.values(), at=asked_at)[0])
    log.info("%d tenants, orders created from %s to %s", len(slugs), start or "the first", end or "the last")
    return [
        PlannedWindow(
            tenant_id=rows[slug]["tenant_id"],
            tenant=slug,
            window_start=start,
            window_end=end,
            asked_at=asked_at.isoformat(),
            only_outdated=form["only_outdated"],
            only_differing=form["only_differing"],
            not_after=ends.astimezone(UTC).isoformat() if ends else "",
            label=slug,
        ).as_xcom()
        for slug in slugs
    ]


@task
def find_outdated() -> list[dict[str, Any]]:
    """
    Find tenants with orders of an older typing; return the run of ``cdp_replay`` to trigger, for
    ``TriggerDagRunOperator``.

    None outside off-peak time, or while a replay is under way.
    """
    context: Any = get_current_context()
    with warehouse() as db:
        slugs = [row["slug"] for row in db.rows("replay/outdated_tenants", typing_version=TYPING_VERSION)]
    if not slugs:
        return []
    if off_peak().end_after(clock.now()) is None:
        log.info("Orders of an older typing wait for off-peak time (%s): %s", off_peak(), ", ".join(slugs))
        return []
    if context["ti"].get_dr_count(dag_id=REPLAY_DAG_ID, states=ACTIVE):
        log.info("Orders of an older typing wait for the replay under way: %s", ", ".join(slugs))
        return []
    run_after: datetime = context["dag_run"].run_after
    return [
        {
            "trigger_dag_id": REPLAY_DAG_ID,
            "trigger_run_id": f"typing_{TYPING_VERSION}__{run_after.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
            "conf": {"tenants": slugs, "only_outdated": True, "off_peak_only": True},
        }
    ]
