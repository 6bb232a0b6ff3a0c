"""One replay of all stored documents of tenant 1, in this process, without a scheduler."""

from __future__ import annotations

import json
import resource
import sys
import time
from types import SimpleNamespace
from typing import Any

from cdp_sync.operators.replay import ReplayOrdersOperator
from cdp_sync.sync_types import REPLAY
from cdp_sync.windows import PlannedWindow

context: Any = {
    "ti": SimpleNamespace(dag_id="cdp_replay", run_id=sys.argv[1], map_index=0, xcom_push=lambda key, value: None),
    "outlet_events": {},
}
window = PlannedWindow(tenant_id=1, tenant="bench", window_start="", window_end="", asked_at="").as_xcom()
bare_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
began = time.perf_counter()
counts = ReplayOrdersOperator(task_id="replay", window=window, sync_type=REPLAY).execute(context)["counts"]
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "bare_mb": bare_mb, **counts}))
