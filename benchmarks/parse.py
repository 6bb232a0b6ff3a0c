"""Cost of DAGs before they run: the DAG processor parses and serializes them, and each task parses them again."""

from __future__ import annotations

import sys

from benchmarks.measure import Measured, run
from benchmarks.stage_set import StageSet

TENANTS = (11, 100, 1_000)
ROUNDS = 3


def parse(stage: StageSet) -> None:
    """Parse with eleven, a hundred and a thousand tenants, each in a fresh process; print the best of three."""
    environment = stage.environment(stage.database()) | {
        "PYTHONPATH": "plugins:include:plugins/cdp_sync/deployment/preload:."
    }

    def best(tenants: int, kind: str) -> Measured:
        command = [sys.executable, "-m", "benchmarks.parsed", str(tenants), kind]
        return min((run(command, environment) for _ in range(ROUNDS)), key=lambda measured: measured.seconds)

    print("\nCPU seconds     DAGs    parse  serialize  peak MB   start of a task: orders  history")
    for tenants in TENANTS:
        whole, orders, history = (best(tenants, kind) for kind in ("all", "orders", "history"))
        print(
            f"{tenants:>6} tenants{whole.said['dags']:>6}{whole.said['parse']:>9.2f}{whole.said['serialize']:>11.2f}"
            f"{whole.peak_mb:>9.0f}{orders.said['parse']:>26.3f}{history.said['parse']:>9.3f}"
        )
