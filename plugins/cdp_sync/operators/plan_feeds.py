"""Plan of ``cdp_order_feed``, and its check for feeds about to lose changes."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync import clock
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.planning import chosen, form_of, reason_to_skip
from cdp_sync.tenants import read_rows
from cdp_sync.windows import PlannedWindow

EVERY = timedelta(minutes=5)
LATE_SHARE = 0.5
"""Share of the time VTEX keeps a change after which ``check_feeds`` fails: a week, so a week is left to act."""


@task
def plan_feeds() -> list[dict[str, Any]]:
    """Plan the drain of every tenant with ``feed_enabled``, or of those the form names: a ``PlannedWindow`` each."""
    context: Any = get_current_context()
    form, dag_run = form_of(context), context["dag_run"]
    asked_at = (dag_run.data_interval_end or dag_run.run_after).astimezone(UTC)
    with warehouse() as db:
        rows = {row["slug"]: row for row in db.rows("tenants/all") if row["feed_enabled"]}
    known = read_rows(rows.values(), at=asked_at)[0]
    take_over = chosen(form["take_over"], known) if form["take_over"] else ()
    return [
        PlannedWindow(
            tenant_id=rows[slug]["tenant_id"],
            tenant=slug,
            window_start=(asked_at - EVERY).isoformat(),
            window_end=asked_at.isoformat(),
            asked_at=asked_at.isoformat(),
            take_over=slug in take_over,
            label=slug,
            skip_because=reason_to_skip(slug, rows[slug]) or "",
        ).as_xcom()
        for slug in chosen(form["tenants"], known)
    ]


@task(retries=0)
def check_feeds() -> None:
    """Fail, visibly to an operator, if VTEX is about to drop changes that were not drained."""
    with warehouse() as db:
        late = db.rows("inbox/late", as_of=clock.now(), share=LATE_SHARE)
    if late:
        feeds = [f"{row['slug']} ({row['reason'] or row['state']})" for row in late]
        raise AirflowFailException(
            f"VTEX drops what stays in a feed for two weeks, and more than half of that is over: {', '.join(feeds)}; "
            "find out why drain or merge of that shop fails"
        )
