"""The three operators of a window, one after the other in one process, without a scheduler."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from benchmarks.stage_set import DAY
from cdp_sync.operators.fetch import VtexFetchOrdersOperator
from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.operators.stage import StagingLoadOperator
from cdp_sync.sync_types import HISTORICAL
from cdp_sync.vtex.pacing import FASTEST
from cdp_sync.windows import PlannedWindow

rate = float(sys.argv[1]) if len(sys.argv) > 1 else FASTEST
bare_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
context: Any = {
    "ti": SimpleNamespace(dag_id="bench", run_id="run", map_index=-1, xcom_push=lambda key, value: None),
    "outlet_events": {},
}
window = PlannedWindow(
    tenant_id=1, tenant="bench", window_start=DAY[0], window_end=DAY[1], asked_at=DAY[1], requests_per_second=rate
).as_xcom()
marks = [time.perf_counter()]
peaks: list[int] = []
fetched = VtexFetchOrdersOperator(
    task_id="fetch",
    landing_url=f"file://{tempfile.mkdtemp(prefix='cdp-bench-')}",
    window=window,
    sync_type=HISTORICAL,
).execute(context)
marks.append(time.perf_counter())
peaks.append(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
staged = StagingLoadOperator(task_id="stage", window=fetched, sync_type=HISTORICAL).execute(context)
marks.append(time.perf_counter())
peaks.append(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
merged = MergeOrdersOperator(task_id="merge", window=staged, sync_type=HISTORICAL).execute(context)
marks.append(time.perf_counter())
peaks.append(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
steps = [round(after - before, 3) for before, after in pairwise(marks)]
report = {
    "seconds": marks[-1] - marks[0],
    "fetch_stage_merge": steps,
    "orders": merged["counts"]["inserted"],
    "bare_mb": bare_mb,
    "peak_mb_after_each": peaks,
}
print(json.dumps(report))
