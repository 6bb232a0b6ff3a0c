"""Ours compared with dlt: same orders, same server, one after the other; a digest proves equal results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg

from benchmarks.measure import ROOT, Measured, run
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


def dlt_python() -> str:
    """Return the Python of a virtual environment with dlt, made the first time."""
    python = DLT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", DLT], check=True)
        lock = ROOT / "requirements" / "dlt.lock"
        subprocess.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], check=True)
    return str(python)


def compare(stage: StageSet, orders: int) -> None:
    """Measure both on ``orders`` orders without latency; print a row each."""
    stage.shop(orders)
    rows: list[tuple[str, Measured, int]] = []
    digests = []
    for name, command, table, total in (
        ("ours", [sys.executable, "-m", "benchmarks.ours"], "cdp.order_events", "(total * 100)::bigint"),
        ("dlt", [dlt_python(), str(Path("benchmarks/with_dlt.py"))], "peer.orders", "total"),
    ):
        dsn = stage.database()
        before = stage.wal(dsn)
        measured = run(command, stage.environment(dsn))
        rows.append((name, measured, stage.wal(dsn) - before))
        with psycopg.connect(dsn) as db:
            digests.append(db.execute(DIGEST.format(table=table, total=total)).fetchone())
    print(f"\n{orders} orders, no latency        orders/s   seconds   peak MB   CPU s   WAL MB")
    for name, measured, wal in rows:
        print(
            f"  {name:<28}{orders / measured.seconds:>10.0f}{measured.seconds:>10.1f}{measured.peak_mb:>10.0f}"
            f"{measured.cpu:>8.1f}{wal / 2**20:>9.0f}"
        )
    ours, dlt = rows[0][1], rows[1][1]
    steps = ours.said["fetch_stage_merge"]
    print(f"  ours is {dlt.seconds / ours.seconds:.1f} times as fast; fetch, stage, merge: {steps} s")
    print(f"  the two tables are {'equal' if digests[0] == digests[1] else 'DIFFERENT'}: {digests}")
    if digests[0] != digests[1] or digests[0] is None or digests[0][0] != orders:
        raise SystemExit("the results differ; no figure above means anything")
