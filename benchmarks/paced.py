"""Full use of an account's limit: 100 requests a second, answers after 120 ms."""

from __future__ import annotations

import sys

from benchmarks.measure import run
from benchmarks.stage_set import StageSet

LIMIT, OURS, ORDERS = 100, 99, 2_000


def paced(stage: StageSet) -> None:
    """Fetch just below the limit; print the rate VTEX saw and the requests it refused."""
    stage.shop(ORDERS, requests_per_second=LIMIT, burst=5)
    stage.sandbox.call("POST", "latency", {"latency_ms": 120})
    try:
        measured = run([sys.executable, "-m", "benchmarks.ours", str(OURS)], stage.environment(stage.database()))
    finally:
        stage.sandbox.call("POST", "latency", {"latency_ms": 0})
    seen = stage.sandbox.summary("bench")
    print(f"\n{ORDERS} orders, 120 ms, account limit {LIMIT} requests/s, pace {OURS}")
    print(f"  requests/s over the whole fetch: {seen['per_second_mean']}   429s: {seen['statuses'].get('429', 0)}")
    print(f"  orders/s, start of the tasks included: {ORDERS / measured.seconds:.0f}")
    if seen["per_second_mean"] < 95 or seen["statuses"].get("429", 0):
        raise SystemExit("less than 95 of 100 requests used, or a 429 of our making")
