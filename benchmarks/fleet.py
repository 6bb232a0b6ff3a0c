"""
Many shops at once through the real scheduler, as at 06:00 when every shop's sync is due.

To start at once, the tenants' DAGs are paused, one run of each is queued, and one call unpauses them all. On the
schedule they would start seconds apart, as their DAGs appear. The run Airflow gives each new DAG comes before that,
skipped because the tenant's sync is off; so the run measured is a shop's first sync: it lists two weeks of creation
dates and reads the orders of one day.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from benchmarks.stack import add_tenants, cpu_seconds, stack
from benchmarks.stage_set import StageSet
from local.airflow_api import AirflowApi
from local.environment import METADATA_DATABASE
from local.stack import Stack
from local.sync import PREFIX
from vtex_sandbox.testing import Sandbox

ORDERS_A_DAY = 20
GOALS = {11: 10, 100: 70}
"""Goal in seconds by number of shops."""
LIKE = PREFIX.replace("_", r"\_") + "%"
RUNS = """
select
    count(*) filter (where dag_id like %(like)s and state in ('success', 'failed')) as over,
    count(*) filter (where state in ('queued', 'running')) as under_way
from dag_run
"""
MEASURED = """
with runs as (

    select dag_id, run_id, start_date, end_date
    from dag_run
    where dag_id like %(like)s and run_type = 'manual'

),

tasks as (

    -- The tasks of a run follow each other, so a task could have begun when the one before it was done.
    select
        ti.state,
        extract(epoch from ti.end_date - ti.start_date) as seconds,
        extract(epoch from ti.start_date - coalesce(
            lag(ti.end_date) over (partition by ti.dag_id, ti.run_id order by ti.start_date), runs.start_date
        )) as waited
    from runs
    join task_instance as ti using (dag_id, run_id)
    where ti.start_date is not null

),

unwell as (

    select 1 from runs join task_instance as ti using (dag_id, run_id)
    where ti.state is distinct from 'success'
    union all
    select 1 from runs join task_instance_history as attempt using (dag_id, run_id)

)

select
    (select extract(epoch from max(end_date) - %(began)s)::float from runs) as wall,
    (select extract(epoch from max(start_date) - %(began)s)::float from runs) as last_start,
    (select count(*) from runs where start_date < %(began)s) as too_early,
    (select count(*) from unwell) as failed,
    count(*) as tasks,
    percentile_cont(0.5) within group (order by seconds)::float as seconds,
    percentile_cont(0.5) within group (order by waited)::float as waited,
    max(waited)::float as longest
from tasks
"""
MERGED = """
select tenant.slug, run.window_start, run.window_end, array_agg(event.order_id) as orders
from cdp.tenants as tenant
join cdp.sync_runs as run on run.tenant_id = tenant.tenant_id and run.status = 'completed'
join cdp.order_events as event on event.tenant_id = tenant.tenant_id
group by tenant.slug, run.window_start, run.window_end
"""


def fleet(_: StageSet) -> None:
    """Sync eleven shops, then a hundred; print seconds, tasks, waits. Exit 1 if a task fails or an order is missing."""
    for count, goal in GOALS.items():
        shops = [f"shop{number:03d}" for number in range(1, count + 1)]
        with stack(shops) as (running, api, sandbox):
            _open(running, api, sandbox, shops)
            load = os.getloadavg()[0]
            before = cpu_seconds(running)
            seen = _sync(running, api, shops)
            cpu = {name: after - before[name] for name, after in cpu_seconds(running).items()}
            orders = _merged(running, sandbox)
        wall, tasks = seen["wall"], seen["tasks"]
        print(f"\n{count} shops of {ORDERS_A_DAY} orders a day, 120 ms, all due at once (load before: {load:.1f})")
        print(f"  {wall:.1f} s to the end of the last run; goal {goal} s: {'met' if wall <= goal else 'NOT met'}")
        print(f"  {tasks} tasks ran, {seen['failed']} failed; {wall / tasks:.3f} s a task over all")
        print(f"  a task itself: median {seen['seconds']:.2f} s; the last run began after {seen['last_start']:.1f} s")
        print(f"  wait for a task's turn: median {seen['waited']:.2f} s, longest {seen['longest']:.1f} s")
        spent = ", ".join(f"{name} {seconds:.0f}" for name, seconds in cpu.items())
        print(f"  CPU s: {sum(cpu.values()) / tasks:.3f} a task; {spent} (tasks are the scheduler's)")
        print(f"  orders merged: {sum(map(len, orders.values())):,}, exactly those of the sandbox")
        if seen["failed"] or seen["too_early"] or len(orders) != count:
            raise SystemExit("a task failed, a run began before the others could, or a shop was not synced")


def _open(running: Stack, api: AirflowApi, sandbox: Sandbox, shops: list[str]) -> None:
    """Prepare: orders rendered, DAGs present, their first run done, every other DAG paused."""
    now = datetime.now(UTC)
    for shop in shops:
        sandbox.open(shop, orders_per_day=[ORDERS_A_DAY, ORDERS_A_DAY], incomplete_share=0)
        sandbox.call("POST", f"{shop}/warm", start=(now - timedelta(days=15)).isoformat(), end=now.isoformat())
    add_tenants(running, api, shops, go_live=(now - timedelta(days=1)).date(), sync_enabled=False)
    _wait_for(running, over=len(shops))
    _pause(api, "cdp_%", paused=True)
    with psycopg.connect(running.warehouse_dsn, autocommit=True) as db:
        db.execute("update cdp.tenants set sync_enabled = true")


def _sync(running: Stack, api: AirflowApi, shops: list[str]) -> dict[str, Any]:
    """Start every shop's DAG at the same moment, and read the results from Airflow's own records."""
    for shop in shops:
        api.trigger(f"{PREFIX}{shop}")
    began = datetime.now(UTC)
    _pause(api, f"{PREFIX}%", paused=False)
    _wait_for(running, over=2 * len(shops))
    with _metadata(running) as db:
        found = db.execute(MEASURED, {"like": LIKE, "began": began}).fetchone()
    assert found is not None
    return found


def _merged(running: Stack, sandbox: Sandbox) -> dict[str, list[str]]:
    """Return the orders by shop. :raises SystemExit: if a shop's are not those of its window in the sandbox."""
    with psycopg.connect(running.warehouse_dsn, row_factory=dict_row) as db:
        rows = db.execute(MERGED).fetchall()
    for row in rows:
        start, end = (row[name].astimezone(UTC).isoformat() for name in ("window_start", "window_end"))
        if set(row["orders"]) != set(sandbox.truth(row["slug"], start, end)):
            raise SystemExit(f"{row['slug']} has not the orders it should have, from {start} to {end}")
    return {row["slug"]: row["orders"] for row in rows}


def _pause(api: AirflowApi, pattern: str, *, paused: bool) -> None:
    """Pause or unpause all DAGs of a pattern, in one statement."""
    api.call("PATCH", "/api/v2/dags", params={"dag_id_pattern": pattern}, json={"is_paused": paused})


def _metadata(running: Stack) -> psycopg.Connection[dict[str, Any]]:
    dsn = running.postgres.dsn(running.ports["postgres"], METADATA_DATABASE)
    return psycopg.connect(dsn, row_factory=dict_row, autocommit=True)


def _wait_for(running: Stack, over: int, seconds: float = 900) -> None:
    """Wait until ``over`` runs of the shops are over, and no run of any DAG is in progress."""
    deadline = time.monotonic() + seconds
    with _metadata(running) as db:
        while True:
            found = db.execute(RUNS, {"like": LIKE}).fetchone()
            if found and found["over"] >= over and not found["under_way"]:
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"after {seconds:.0f} s {over} runs should be over, and are not: {found}")
            time.sleep(0.5)
