"""The tasks of one window, the same for every sync type: fetch, stage, merge, verify."""

from __future__ import annotations

from typing import Any, NamedTuple

from airflow.providers.common.sql.operators.sql import SQLTableCheckOperator
from airflow.sdk import Asset, AssetAlias

from cdp_sync.checks import ORDER_CHECKS
from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID
from cdp_sync.operators.feed import FetchNotifiedOperator
from cdp_sync.operators.fetch import FetchOperator, VtexFetchOrdersOperator
from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.operators.stage import StagingLoadOperator
from cdp_sync.settings import landing_url, pool

PRIORITY = {"incremental": 40, "feed": 30, "full": 20, "historical": 10}
FETCH: dict[str, type[FetchOperator]] = {"feed": FetchNotifiedOperator}
"""How a sync type finds its orders, if not in the list."""
STEPS = ("fetch", "stage", "merge", "verify")
"""What is further on has its turn first, so that a run finishes windows before it begins others."""


class WindowTasks(NamedTuple):
    """The first and the last task of a window but for its checks, for what goes before and after."""

    fetch: FetchOperator
    merge: MergeOrdersOperator


def slot(sync_type: str, step: str = "fetch") -> dict[str, Any]:
    """Where a task waits for its turn: priority, and a pool where the deployment has one."""
    found: dict[str, Any] = {"priority_weight": PRIORITY[sync_type] + STEPS.index(step), "weight_rule": "absolute"}
    if name := pool(sync_type):
        found["pool"] = name
    return found


def xcom_of(task_id: str) -> str:
    """Template of a value in the XCom of a task of the same window: ``xcom_of("merge") % "label"``."""
    # Unless told otherwise, a mapped task is given the XComs of all its siblings.
    return f"{{{{ ti.xcom_pull(task_ids='{task_id}', map_indexes=ti.map_index)['%s'] }}}}"


def sync_window(
    window: Any,
    *,
    sync_type: str,
    outlet: Asset | AssetAlias,
    windows_at_once: int | None = None,
) -> WindowTasks:
    """
    Make the tasks, in the task group that is open.

    :param window: a plan's output, or the item of a mapped one, see ``windows.PlannedWindow``.
    :param sync_type: decides rate, page size, pool and priority.
    :param outlet: what the merge updates.
    :param windows_at_once: mapped windows of one tenant that may be fetched at the same time.
    """
    step: dict[str, Any] = {"window": window, "sync_type": sync_type, "map_index_template": "{{ task.window.label }}"}
    fetch = FETCH.get(sync_type, VtexFetchOrdersOperator)(
        task_id="fetch",
        landing_url=landing_url(),
        windows_at_once=windows_at_once or 1,
        max_active_tis_per_dagrun=windows_at_once,
        **step,
        **slot(sync_type, "fetch"),
    )
    stage = StagingLoadOperator(task_id="stage", fetched=fetch.output, **step, **slot(sync_type, "stage"))
    merge = MergeOrdersOperator(
        task_id="merge", staged=stage.output, outlets=[outlet], **step, **slot(sync_type, "merge")
    )
    merged = xcom_of("merge")
    verify = SQLTableCheckOperator(
        task_id="verify",
        conn_id=WAREHOUSE_CONN_ID,
        table="cdp.order_events",
        partition_clause=f"tenant_id = {merged % 'tenant_id'} and sync_run_id = {merged % 'sync_run_id'}",
        checks=ORDER_CHECKS,
        retries=0,  # what a window wrote does not change by looking again
        map_index_template=merged % "label",
        **slot(sync_type, "verify"),
    )
    merge >> verify
    return WindowTasks(fetch, merge)
