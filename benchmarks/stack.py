"""The local stack for a benchmark: scheduler, a sandbox that answers after 120 ms, and shops of its own."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil
import psycopg

from benchmarks.cleanup import MARK, clean_up_after
from cdp_sync.deployment.parsing import parse_interval
from local import ports
from local.airflow_api import AirflowApi
from local.environment import COMPONENTS
from local.places import Places
from local.stack import Stack
from local.sync import WAREHOUSE_DAG
from vtex_sandbox.testing import Sandbox


@contextmanager
def stack(shops: Sequence[str]) -> Iterator[tuple[Stack, AirflowApi, Sandbox]]:
    """Run it without tenants, but with the connection of each shop; a shop's slug is its account's name."""
    state = Path(tempfile.mkdtemp(prefix="cdp-bench-stack-"))
    free = filter(ports.is_free, range(21_000, 30_000))
    ports.remember(state / "stack.json", dict(zip(ports.USUAL, free, strict=False)))
    running = Stack(Places(state), say=lambda text: None)
    sandbox = Sandbox(running.sandbox_url)
    connections = {f"AIRFLOW_CONN_VTEX_{shop.upper()}": _connection(sandbox, shop) for shop in shops}
    clean_up_after(running.postgres.base)
    running.environment = (
        running.environment
        | connections
        | {
            MARK: os.environ[MARK],
            "CDP_SANDBOX_URL": "",
            "CDP_OFF_PEAK": "03:00-04:00",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": str(parse_interval(len(shops))),
        }
    )
    try:
        yield running, running.up(), sandbox
    finally:
        running.down()
        running.postgres.remove()
        shutil.rmtree(state, ignore_errors=True)


def add_tenants(
    running: Stack, api: AirflowApi, shops: Sequence[str], *, go_live: date, sync_enabled: bool = True
) -> None:
    """Add shops as tenants and publish the registry; their DAGs appear within seconds."""
    with psycopg.connect(running.warehouse_dsn, autocommit=True) as db:
        db.cursor().executemany(
            "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date, sync_enabled) "
            "values (%s, %s, %s, %s, %s, %s)",
            [(number, shop, shop, shop, go_live, sync_enabled) for number, shop in enumerate(shops, 1)],
        )
    api.trigger(WAREHOUSE_DAG)


def cpu_seconds(running: Stack) -> dict[str, float]:
    """Return the processor seconds so far, by component; the scheduler's include its tasks'."""
    pids = {name: running.processes.pid(name) for name in COMPONENTS} | {"postgres": running.postgres.pid}
    return {name: _cpu_of_tree(pid) for name, pid in pids.items() if pid}


def _cpu_of_tree(pid: int) -> float:
    root = psutil.Process(pid)
    times = [process.cpu_times() for process in [root, *root.children(recursive=True)]]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def _connection(sandbox: Sandbox, shop: str) -> str:
    key, token = sandbox.credentials(shop)
    return json.dumps({"conn_type": "http", "host": sandbox.account_url(shop), "login": key, "password": token})
