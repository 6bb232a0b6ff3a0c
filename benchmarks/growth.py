"""Growth of each statement's cost from a batch of 5,000 orders to one of 50,000, on both PostgreSQLs of the tests."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from benchmarks.batch import AROUND, LISTS, MERGE, fill, parameters, stage
from benchmarks.stage_set import StageSet
from cdp_sync.deployment.databases import create_database
from cdp_sync.migrations import migrate
from cdp_sync.sql_files import sql
from local.postgres import POSTGRES_15, drop_database, temporary_server

SIZES = (5_000, 50_000)
MOST = 3 * SIZES[1] / SIZES[0]
"""Growth that noise explains no more; the square's would be a hundred."""


def growth(_: StageSet) -> None:
    """Print the seconds of each statement, beside each other. Exit 1 if one grows with the square."""
    newest = _measure(None)
    if not POSTGRES_15.exists():
        print(f"not measured on PostgreSQL 15: there is no {POSTGRES_15}")
    oldest = _measure(POSTGRES_15) if POSTGRES_15.exists() else newest
    print(f"\n{'seconds':<38}{'embedded':>22}{'PostgreSQL 15':>25}")
    print(f"{'orders':<38}{SIZES[0]:>8,}{SIZES[1]:>8,} times{SIZES[0]:>11,}{SIZES[1]:>8,} times")
    worst = 0.0
    for name in newest[0]:
        line = f"  {name:<36}"
        for small, large in ((took[0][name], took[1][name]) for took in (newest, oldest)):
            line += f"{small:>8.3f}{large:>8.3f}{large / small:>6.1f}   "
            worst = max(worst, large / small if large > 1 else 0)
        print(line)
    if worst > MOST:
        raise SystemExit("a statement's cost grows faster than its batch")


def _measure(programs: Any) -> list[dict[str, float]]:
    with temporary_server(programs) as server:
        return [_batch(server, orders) for orders in SIZES]


def _batch(server: str, orders: int) -> dict[str, float]:
    """Merge a batch of new orders, then of changed ones, and run what surrounds a merge; return seconds by name."""
    create_database(server, "growth")
    dsn = f"{server.rpartition('/')[0]}/growth"
    migrate(dsn)
    with psycopg.connect(dsn, autocommit=True) as db:
        fill(db, orders)
        stage(db, orders, version=1)
        new = _run(db, MERGE, orders)
        db.execute("delete from staging.orders; delete from staging.order_items")
        stage(db, orders, version=2)
        changed = _run(db, MERGE, orders)
        around = _run(db, AROUND, orders)
    drop_database(server, "growth")
    whole = {"the merge of new orders": sum(new.values()), "the merge of changed orders": sum(changed.values())}
    return whole | {f"{name}, changed": seconds for name, seconds in changed.items()} | new | around


def _run(db: psycopg.Connection[Any], names: tuple[str, ...], orders: int) -> dict[str, float]:
    took = {}
    with db.transaction():
        for name in names:
            statement = LISTS[name].fill(sql(name)) if name in LISTS else sql(name)
            began = time.perf_counter()
            db.execute(statement, parameters(name, orders))
            took[name] = time.perf_counter() - began
    return took
