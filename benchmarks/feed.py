"""Ten thousand items of the feed, three in ten of them twice, in no order: one request for each order."""

from __future__ import annotations

import sys

from benchmarks.measure import run
from benchmarks.stage_set import StageSet

CHANGES, DUPLICATES = 7_700, 0.3


def feed(stage: StageSet) -> None:
    """Drain them; print the requests made to VTEX. Exit 1 if an order is requested twice, or a change is missing."""
    stage.sandbox.open("bench", orders_per_day=[150, 150], incomplete_share=0, feed_short_polls=0.2)
    environment = stage.environment(stage.database())
    command = [sys.executable, "-m", "benchmarks.drained"]
    run([*command, "configure"], environment)
    made = stage.sandbox.replay("bench", "2026-11-08", "2026-11-20T12:00:00Z", duplicates=DUPLICATES, most=CHANGES)
    stage.sandbox.clear_log()
    measured = run([*command, "drain"], environment)
    said = measured.said
    asked = [entry["path"] for entry in stage.sandbox.log("bench", "detail")]
    routes = stage.sandbox.summary("bench")["routes"]
    left = (stage.sandbox.feed("bench") or {})["messages"]
    print(f"\n{made['messages']} items of {made['changes']} changes of {made['orders']} orders")
    print(f"  received {said['received']}, of them new {said['new']}; left in the queue {len(left)}")
    print(f"  documents read {len(asked)}, merged {said['inserted']}")
    print(f"  requests: {routes}")
    print(f"  {measured.seconds:.1f} s: {said['steps']}; peak {measured.peak_mb:.0f} MB")
    if len(asked) != len(set(asked)) or len(asked) != made["orders"] or said["new"] != made["changes"] or left:
        raise SystemExit("an order was read twice, or a change is missing, or was not committed")
