"""Two years of one tenant through the scheduler; then the rate history sustains below an account's limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import psycopg

from benchmarks.stack import add_tenants, stack
from benchmarks.stage_set import StageSet
from local.airflow_api import AirflowApi
from local.stack import Stack
from local.sync import run_once
from vtex_sandbox.testing import Sandbox

DAYS, ORDERS_A_DAY = 729, 62
LIMIT, OURS, PACED_WEEKS = 50, 49, 16
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
HISTORY, ORDERS = "cdp_history__bench", "cdp_orders__bench"


def history(_: StageSet) -> None:
    """Backfill two years without latency; print the time, and the memory of the tasks."""
    with stack(["bench"]) as (running, api, sandbox):
        sandbox.call("POST", "latency", {"latency_ms": 0})
        seconds, orders, peaks = _fill(running, api, sandbox, TODAY - timedelta(days=DAYS))
        print(f"\n{orders:,} orders of two years in {_windows(running)} windows, no latency, through the scheduler")
    print(f"  {seconds:.0f} s, {orders / seconds:.0f} orders/s")
    print(f"  largest task, MB, in each quarter of the run: {' '.join(f'{peak:.0f}' for peak in peaks)}")
    if seconds > 300 or max(peaks) > 1.1 * peaks[0]:
        raise SystemExit("more than 5 minutes, or memory that grows")


def history_paced(_: StageSet) -> None:
    """Backfill sixteen weeks at 120 ms from an account limited to fifty requests a second; print the rate sustained."""
    with stack(["bench"]) as (running, api, sandbox):
        seconds, _orders, _peaks = _fill(
            running, api, sandbox, TODAY - timedelta(weeks=PACED_WEEKS), pace=OURS, requests_per_second=LIMIT, burst=5
        )
        seen = sandbox.summary("bench")
    refused = seen["statuses"].get("429", 0)
    print(f"\n{PACED_WEEKS} weeks, 120 ms, account limit {LIMIT} requests/s, pace {OURS}: {seconds:.0f} s")
    print(f"  requests/s from the first to the last: {seen['per_second_mean']}   429s: {refused}")
    if seen["per_second_mean"] < 0.9 * LIMIT or refused:
        raise SystemExit("less than 90% of the limit used, or a 429 of our making")


def _fill(
    running: Stack,
    api: AirflowApi,
    sandbox: Sandbox,
    since: datetime,
    *,
    pace: float = 10_000,
    **limits: Any,
) -> tuple[float, int, list[float]]:
    """Open the shop, sync its last day, then its history in one run; return seconds, orders, peak MB by quarter."""
    sandbox.open("bench", orders_per_day=[ORDERS_A_DAY, ORDERS_A_DAY], incomplete_share=0)
    sandbox.call("POST", "bench/warm", start=since.isoformat(), end=datetime.now(UTC).isoformat())
    add_tenants(running, api, ["bench"], go_live=since.date())
    run_once(api, ORDERS, since=datetime.now(UTC), seconds=180)
    sandbox.open("bench", orders_per_day=[ORDERS_A_DAY, ORDERS_A_DAY], incomplete_share=0, **limits)
    sandbox.call("POST", "bench/warm", start=since.isoformat(), end=datetime.now(UTC).isoformat())
    sandbox.clear_log()
    conf = {"windows": 500, "requests_per_second": pace}
    began = time.perf_counter()
    with _watched(running) as samples:
        started = api.call("POST", f"/api/v2/dags/{HISTORY}/dagRuns", json={"logical_date": None, "conf": conf})
        run = f"/api/v2/dags/{HISTORY}/dagRuns/{started['dag_run_id']}"
        while (state := api.call("GET", run)["state"]) not in ("success", "failed"):
            time.sleep(0.5)
    if state == "failed":
        raise SystemExit("the history run failed")
    seconds = time.perf_counter() - began
    with psycopg.connect(running.warehouse_dsn) as db:
        counted = db.execute(
            "select count(*), bool_and(initial_sync_completed) from cdp.order_events join cdp.tenants using (tenant_id)"
        ).fetchone()
    assert counted is not None
    if not counted[1]:
        raise SystemExit("gaps are left")
    quarters = [[mb for at, mb in samples if int(4 * at / seconds) == quarter] for quarter in range(4)]
    return seconds, int(counted[0]), [max(quarter, default=0.0) for quarter in quarters]


@contextmanager
def _watched(running: Stack) -> Iterator[list[tuple[float, float]]]:
    """Sample the memory of the largest task, as (seconds since the start, MB)."""
    samples: list[tuple[float, float]] = []
    began, over = time.perf_counter(), threading.Event()
    scheduler = psutil.Process(running.processes.pid("scheduler"))

    def watch() -> None:
        while not over.wait(0.2):
            sizes = []
            for process in scheduler.children(recursive=True):
                try:
                    sizes.append(process.memory_info().rss / 2**20)
                except psutil.NoSuchProcess:
                    continue
            samples.append((time.perf_counter() - began, max(sizes, default=0.0)))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def _windows(running: Stack) -> int:
    with psycopg.connect(running.warehouse_dsn) as db:
        row = db.execute("select count(*) from cdp.sync_checkpoints where sync_type = 'historical'").fetchone()
    assert row is not None
    return int(row[0])
