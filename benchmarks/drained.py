"""The operators of a feed run, one after the other in one process; with ``configure``, the first drain alone."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from benchmarks.stage_set import NOW
from cdp_sync.operators.commit import CommitFeedOperator
from cdp_sync.operators.drain import DrainFeedOperator
from cdp_sync.operators.fetch import VtexFetchOrdersOperator
from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.operators.stage import StagingLoadOperator
from cdp_sync.sync_types import FEED
from cdp_sync.vtex.pacing import FASTEST
from cdp_sync.windows import PlannedWindow

context: Any = {
    "ti": SimpleNamespace(dag_id="bench", run_id="run", map_index=-1, xcom_push=lambda key, value: None),
    "outlet_events": {},
}
window = PlannedWindow(
    tenant_id=1, tenant="bench", window_start="2026-11-20T11:55:00Z", window_end=NOW, asked_at=NOW,
    requests_per_second=FASTEST,
).as_xcom()  # fmt: skip
seconds: dict[str, float] = {}


def timed(step: str, work: Callable[[Any], Any]) -> Any:
    """Run a task, and record its time."""
    began = time.perf_counter()
    result = work(context)
    seconds[step] = round(time.perf_counter() - began, 1)
    return result


drain = DrainFeedOperator(task_id="drain", window=window, sync_type=FEED).execute
if sys.argv[1] == "configure":
    try:
        drain(context)
    except AirflowSkipException:
        print(json.dumps({"seconds": 0}))
else:
    drained = timed("drain", drain)
    landing = f"file://{tempfile.mkdtemp(prefix='cdp-bench-')}"
    fetch = VtexFetchOrdersOperator(task_id="fetch", landing_url=landing, window=drained, sync_type=FEED)
    fetched = timed("fetch", fetch.execute)
    staged = timed("stage", StagingLoadOperator(task_id="stage", window=fetched, sync_type=FEED).execute)
    merged = timed("merge", MergeOrdersOperator(task_id="merge", window=staged, sync_type=FEED).execute)
    committed = timed("commit", CommitFeedOperator(task_id="commit", window=merged, sync_type=FEED).execute)
    report = {"seconds": sum(seconds.values()), "steps": seconds}
    for done in (drained, merged, committed):
        report |= done["counts"]
    print(json.dumps({**report, "fetched": fetched["counts"]["fetched"]}))
