"""Customers of a shop: seconds of each step, for everyone and after a sync, and of a training; peak memory."""

from __future__ import annotations

import os
import sys
from typing import Any

import psycopg

from benchmarks.buyers import chain, change, fill
from benchmarks.measure import run
from benchmarks.stage_set import StageSet

BUYERS = tuple(int(number) for number in os.environ.get("BENCH_BUYERS", "20000 200000").split())
CHANGED = 500
STEPS = ("identify", "profile", "score", "journey")


def customers(stage: StageSet) -> None:
    """Print a line for each calculation, a process of its own; ``BENCH_BUYERS`` names their numbers."""
    print(f"\n{'orders':>9}{'buyers':>9}  {'calculation':<34}" + "".join(f"{step:>10}" for step in STEPS), end="")
    print(f"{'seconds':>10}{'peak MB':>9}")
    for buyers in BUYERS:
        dsn = stage.database()
        environment = stage.environment(dsn)
        with psycopg.connect(dsn, autocommit=True) as db:
            size = f"{fill(db, buyers):>9}{buyers:>9}"
            _line(size, "the first", _calculated(environment, "everyone"))
            trained = run([sys.executable, "-m", "benchmarks.calculated", "training"], environment)
            _line(size, f"training: {trained.said['outcome']}", trained.said | {"peak": trained.peak_mb})
            _line(size, "everyone, scored anew", _calculated(environment, "everyone"))
            _line(size, "everyone, nothing new", _calculated(environment, "everyone"))
            db.execute("vacuum analyze")
            for days in (30, 1100):
                change(db, CHANGED, days=days)
                _line(size, f"{CHANGED} orders of {days} days changed", _calculated(environment, "touched"))
            _line(size, "everyone, after that", said := _calculated(environment, "everyone"))
        if written := {name: said["counts"][name] for name in said["counts"] if name.endswith("changed")}:
            print(f"{'':>20}written by the last: {written}")
    _chained(stage)


def _chained(stage: StageSet) -> None:
    """Print how long identities of a long chain take, and those that the order in its middle makes one."""
    dsn = stage.database()
    environment = stage.environment(dsn)
    with psycopg.connect(dsn, autocommit=True) as db:
        for first, last in ((1, 4999), (5001, 55_000)):
            chain(db, first, last, note=False)
        size = f"{55_000:>9}{'':>9}"
        _line(size, "100,000 identifiers, a chain", _calculated(environment, "everyone", "identify"))
        chain(db, 5000, 5000, note=True)
        merged = _calculated(environment, "touched", "identify")
        _line(size, f"its two halves, {merged['counts']['merged']} merged", merged)


def _calculated(environment: dict[str, str], whom: str, *steps: str) -> dict[str, Any]:
    measured = run([sys.executable, "-m", "benchmarks.calculated", whom, *steps], environment)
    return measured.said | {"seconds": measured.seconds, "peak": measured.peak_mb}


def _line(size: str, what: str, said: dict[str, Any]) -> None:
    steps = "".join(f"{said[step]:>10.2f}" if step in said else f"{'':>10}" for step in STEPS)
    print(f"{size}  {what:<34}{steps}{said.get('seconds', said.get('took')):>10.2f}{said['peak']:>9.0f}", flush=True)
