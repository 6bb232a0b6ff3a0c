"""Plan of ``cdp_order_feed``, and its check for feeds about to lose changes and for a run without a success."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

FAILED = ("failed", "upstream_failed")


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


@task(retries=0, trigger_rule="all_done")
def check_feeds(windows: list[dict[str, Any]] | None, *, ti: Any = None) -> None:
    """
    Fail, visibly to an operator, if VTEX is about to drop changes that were not drained, or every shop failed.

    The run's last task, so the run fails with it only: what one shop fails of is red in that shop's own tasks, and no
    reason to call the run of the others failed.

    :param windows: what ``plan`` handed over; None if it failed.
    """
    if windows is None:
        raise AirflowFailException("plan failed, so no shop was drained: its log says why")
    with warehouse() as db:
        late = db.rows("inbox/late", as_of=clock.now(), share=LATE_SHARE)
    if late:
        feeds = [f"{row['slug']} ({row['reason'] or row['state']})" for row in late]
        raise AirflowFailException(
            f"VTEX drops what stays in a feed for two weeks, and more than half of that is over: {', '.join(feeds)}; "
            "find out why drain or merge of that shop fails"
        )
    if failed := every_shop_failed(windows, ti.get_task_breadcrumbs(ti.dag_id, ti.run_id)):
        raise AirflowFailException(f"every shop failed, see the log of its red task: {', '.join(failed)}")


def every_shop_failed(windows: Sequence[Mapping[str, Any]], ended: Iterable[Mapping[str, Any]]) -> list[str]:
    """
    Return the shops that failed if all failed that were due, else none.

    :param ended: ``map_index`` and ``state`` of each task that ended in the run.
    """
    red = {task["map_index"] for task in ended if task["state"] in FAILED}
    due = [(number, window["tenant"]) for number, window in enumerate(windows) if not window["skip_because"]]
    return [tenant for _, tenant in due] if all(number in red for number, _ in due) else []
