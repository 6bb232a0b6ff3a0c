"""One calculation of the customers of tenant 1, or one training, in this process, without a scheduler."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime

from benchmarks.buyers import AS_OF
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.clv_training import train_shop
from cdp_sync.operators.customers.step import STEPS, run_step

what = sys.argv[1]
if what == "training":
    began = time.perf_counter()
    trained = train_shop.function({"tenant_id": 1, "tenant": "bench", "as_of": AS_OF}, {})
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "took": seconds, **trained}))
else:
    of = Calculation(1, "bench", datetime.fromisoformat(AS_OF), what == "everyone", 1)
    took: dict[str, float] = {}
    counts: dict[str, int] = {}
    for step in sys.argv[2:] or STEPS:
        began = time.perf_counter()
        with warehouse() as db:
            counts |= run_step(db, step, of)
            if step == list(STEPS)[-1]:
                db.run("intelligence/runs/forget_touched", tenant_id=1)
        took[step] = time.perf_counter() - began
    print(json.dumps({"seconds": sum(took.values()), **took, "counts": counts}))
