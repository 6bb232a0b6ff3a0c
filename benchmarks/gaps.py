"""The gaps of a thousand tenants with two years of checkpoints each."""

from __future__ import annotations

import time

import psycopg

from benchmarks.stage_set import StageSet
from cdp_sync.sql_files import sql

NOW = "2026-11-20T12:00:00Z"
CHECKPOINTS = """
insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id)
select n, 'incremental', s - interval '24 hours', s - interval '5 minutes', 'completed', 'b'
from generate_series(1, 1000) as n, generate_series(timestamptz '2024-11-21', '2026-11-20', '6 hours') as s
union all
select n, 'historical', s, s + interval '7 days', 'completed', 'b'
from generate_series(1, 1000) as n, generate_series(timestamptz '2024-11-21', '2026-11-13', '7 days') as s
where n % 10 <> 0 or extract(month from s) <> 3
"""


def gaps(stage: StageSet) -> None:
    """Find them with the gap detector's query; print its time and its plan."""
    with psycopg.connect(stage.database(), autocommit=True) as db:
        db.execute(
            "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
            "select n, 't' || n, 't' || n, 't' || n, '2024-11-22' from generate_series(2, 1000) as n"
        )
        db.execute(CHECKPOINTS)
        db.execute("delete from cdp.sync_checkpoints where sync_type = 'incremental' and tenant_id % 10 = 0 "
                   "and extract(month from window_start) = 3")  # fmt: skip
        db.execute("analyze")
        count = db.execute("select count(*) from cdp.sync_checkpoints").fetchone()
        query, now = sql("gaps/tenants_with_gaps"), {"as_of": NOW}
        times = []
        for _ in range(5):
            began = time.perf_counter()
            found = db.execute(query, now).fetchall()
            times.append(time.perf_counter() - began)
        print(f"\n1,000 tenants, {count and count[0]:,} checkpoints: {len(found)} with a gap, in {min(times):.3f} s")
        for (line,) in db.execute("explain (analyze, costs off) " + query, now):
            print(f"  {line}")
    if min(times) > 1 or len(found) != 100:
        raise SystemExit("more than a second, or not the hundred tenants that have one")
