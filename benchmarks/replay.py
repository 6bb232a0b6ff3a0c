"""Stored documents typed again: orders a second of task time, and memory, by how much differs."""

from __future__ import annotations

import sys

import psycopg

from benchmarks.measure import run
from benchmarks.stage_set import StageSet

ORDERS = (5_000, 20_000)
OLDER = "update cdp.order_events set typing_version = typing_version - 1"
DAMAGE = {
    "nothing": "select 1",
    "typing raised, nothing else": OLDER,
    "typing raised, a column of each line": f"{OLDER}; update cdp.order_items set discount = coalesce(discount, 0) - 1",
    "typing raised, every line missing": f"{OLDER}; delete from cdp.order_items",
}


def replay(stage: StageSet) -> None:
    """Sync orders, then replay them after each kind of damage; print the rate and the peak of memory."""
    print(f"\n{'orders':>8}  {'differs':<38}{'written':>9}{'orders/s':>10}{'peak MB':>9}{'above bare':>12}")
    for orders in ORDERS:
        stage.shop(orders)
        dsn = stage.database()
        environment = stage.environment(dsn)
        run([sys.executable, "-m", "benchmarks.ours"], environment)
        for kind, damage in DAMAGE.items():
            with psycopg.connect(dsn, autocommit=True) as db:
                db.execute(damage)
                db.execute("vacuum analyze")
            measured = run([sys.executable, "-m", "benchmarks.replayed", kind], environment)
            said = measured.said
            if said["staged"] != orders:
                raise SystemExit(f"typed {said['staged']} orders of {orders}")
            print(
                f"{orders:>8}  {kind:<38}{said['updated']:>9}{orders / measured.seconds:>10.0f}{measured.peak_mb:>9.0f}"
                f"{measured.peak_mb - said['bare_mb']:>12.0f}"
            )
