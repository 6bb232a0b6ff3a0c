"""Ours compared with dlt: same orders, same server, in turn; a digest proves equal results."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import psycopg

from benchmarks.measure import ROOT, run
from benchmarks.stage_set import StageSet

DLT = ROOT / ".local" / "bench-dlt"
# dlt loads "" as null, so the digest treats the two as equal; ours keeps them apart, as VTEX does.
DIGEST = """
select count(*), md5(string_agg(
    concat_ws(
        '|', order_id, coalesce(status, ''), order_date at time zone 'UTC', last_change at time zone 'UTC', {total},
        item_count
    ),
    ',' order by order_id collate "C"))
from {table}
"""
ROUNDS = 3
EXPECTED: dict[int, object] = {}
"""Digest of the first run, by number of orders: all must be equal."""


def dlt_python() -> str:
    """Return the Python of a virtual environment with dlt, made the first time."""
    python = DLT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", DLT], check=True)
        lock = ROOT / "requirements" / "dlt.lock"
        subprocess.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], check=True)
    return str(python)


class Side(NamedTuple):
    """One of those compared."""

    name: str
    command: tuple[str, ...]
    table: str
    total: str


class Round(NamedTuple):
    """Measurements of one run of a side, see ``measure.Measured``."""

    seconds: float
    whole: float
    cpu: float
    peak_mb: float
    wal_mb: float


OURS = Side("ours", (sys.executable, "-m", "benchmarks.ours"), "cdp.order_events", "(total * 100)::bigint")


def dlt_by(strategy: str) -> Side:
    """Return dlt with one of its merge strategies."""
    return Side(f"dlt, {strategy}", (dlt_python(), "benchmarks/with_dlt.py", strategy), "peer.orders", "total")


def peers(stage: StageSet) -> None:
    """Compare ours with dlt, on 5,000 orders in each of its modes, on 50,000 in the fastest."""
    fastest = compare(stage, 5_000, [dlt_by("upsert"), dlt_by("delete-insert")])
    compare(stage, 50_000, [fastest])


def compare(stage: StageSet, orders: int, peers: Sequence[Side]) -> Side:
    """Run all sides in turn on ``orders`` orders without latency; print the medians, return the fastest peer."""
    stage.shop(orders)
    rounds: dict[Side, list[Round]] = {side: [] for side in (OURS, *peers)}
    for _ in range(ROUNDS):
        for side, runs in rounds.items():
            runs.append(_run(stage, side, orders))
    print(f"\n{orders} orders, no latency, medians of {ROUNDS} rounds in turn; fsync, full pages and lz4 on for all")
    print(f"  {'':<20}  orders/s   work s   process s   peak MB   CPU s   WAL MB")
    medians = {side: Round(*map(median, zip(*runs, strict=True))) for side, runs in rounds.items()}
    for side, it in medians.items():
        print(
            f"  {side.name:<20}{orders / it.seconds:>10.0f}{it.seconds:>9.1f}{it.whole:>12.1f}{it.peak_mb:>10.0f}"
            f"{it.cpu:>8.1f}{it.wal_mb:>9.0f}"
        )
    best = min(peers, key=lambda side: medians[side].seconds)
    work, whole = (getattr(medians[best], what) / getattr(medians[OURS], what) for what in ("seconds", "whole"))
    print(f"  ours is {work:.1f} times as fast as {best.name}, by whole processes {whole:.1f} times; tables equal")
    return best


def _run(stage: StageSet, side: Side, orders: int) -> Round:
    """Run one side. :raises SystemExit: if its table does not hold exactly the sandbox's orders."""
    dsn = stage.database()
    before = stage.wal(dsn)
    measured = run(list(side.command), stage.environment(dsn))
    wal_mb = (stage.wal(dsn) - before) / 2**20
    with psycopg.connect(dsn) as db:
        digest = db.execute(DIGEST.format(table=side.table, total=side.total)).fetchone()
    expected = EXPECTED.setdefault(orders, digest)
    if digest is None or digest[0] != orders or digest != expected:
        raise SystemExit(f"{side.name} holds other orders, {digest} and not {expected}: no figure above means anything")
    return Round(measured.seconds, measured.whole, measured.cpu, measured.peak_mb, wal_mb)
