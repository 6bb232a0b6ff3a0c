"""Tasks of one window, the same for every sync type: fetch, stage, merge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow.sdk import Asset, AssetAlias

from cdp_sync.checks import ORDERS
from cdp_sync.operators.fetch import VtexFetchOrdersOperator
from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.operators.stage import StagingLoadOperator
from cdp_sync.settings import landing_url, pool
from cdp_sync.sync_types import SyncType
from cdp_sync.windows import PlannedWindow

STEPS = ("fetch", "stage", "merge", "after")
"""Later steps have higher priority, so that a run finishes windows before it begins others."""


def slot(sync_type: SyncType, step: str = "fetch") -> dict[str, Any]:
    """Return a task's priority, and its pool if the deployment has one."""
    found: dict[str, Any] = {"priority_weight": sync_type.priority + STEPS.index(step), "weight_rule": "absolute"}
    if name := pool(sync_type):
        found["pool"] = name
    return found


def step(sync_type: SyncType, window: Any, name: str) -> dict[str, Any]:
    """Return the arguments of every task of a window: the window from the task before, and its slot."""
    return {
        "window": window,
        "sync_type": sync_type,
        "map_index_template": "{{ task.window.label | default('') }}",
        **slot(sync_type, name),
    }


def sync_window(
    window: Any,
    *,
    sync_type: SyncType,
    outlet: Asset | AssetAlias,
    plan: Callable[..., PlannedWindow] | None = None,
    windows_at_once: int | None = None,
    checks: Sequence[str] = (ORDERS,),
) -> Any:
    """
    Create the tasks in the open task group.

    :param window: a planned window: a plan's output, or an item of a mapped one. See ``windows.PlannedWindow``.
    :param outlet: asset that the merge updates.
    :param plan: plans the window when the fetch begins, see ``VtexFetchOrdersOperator``.
    :param windows_at_once: most mapped windows of one tenant that are fetched at the same time.
    :param checks: checks that the merge runs; none if a later task runs them.
    :return: output of the merge, for the next task.
    """
    fetch = VtexFetchOrdersOperator(
        task_id="fetch",
        plan=plan,
        landing_url=landing_url(),
        windows_at_once=windows_at_once or 1,
        max_active_tis_per_dagrun=windows_at_once,
        **step(sync_type, window, "fetch"),
    )
    stage = StagingLoadOperator(task_id="stage", **step(sync_type, fetch.output, "stage"))
    merge = MergeOrdersOperator(
        task_id="merge", outlets=[outlet], checks=checks, **step(sync_type, stage.output, "merge")
    )
    return merge.output
