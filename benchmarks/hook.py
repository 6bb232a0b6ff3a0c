"""The hook endpoint under a thousand notifications a second, compared with the usual handler: a commit for each."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.cleanup import clean_up_after
from benchmarks.measure import ROOT, run
from benchmarks.stage_set import StageSet
from cdp_sync.migrations import migrate
from local.postgres import Postgres, free_port

RATE, SECONDS, CLOSED_SECONDS = 1_000, 30, 8
TENANTS = 11
SERVERS = {
    "ours, on its own": ["-m", "cdp_sync.web", "--port"],
    "ours, in Airflow's API server, 2 workers": ["-m", "airflow", "api-server", "--workers", "2", "--port"],
    "a commit each": ["-m", "benchmarks.hook_peer"],
}


def hook(_: StageSet) -> None:
    """Print the notifications accepted and stored, and the time; exit 1 if a 200 has no row."""
    rates = {}
    with _durable_postgres() as postgres:
        for number, (name, command) in enumerate(SERVERS.items()):
            for load in ("open", "closed"):
                environment = _database(postgres, f"hook_{number}_{load}")
                if "airflow" in command:
                    migrate_airflow = [sys.executable, "-m", "airflow", "db", "migrate"]
                    subprocess.run(migrate_airflow, env=os.environ | environment, check=True, capture_output=True)
                with _server(command, environment) as (url, process):
                    said = _load(url, load)
                    peak = _peak_mb(process.pid)
                with psycopg.connect(environment["BENCH_DSN"]) as db:
                    (stored,) = db.execute("select count(*) from cdp.order_notifications").fetchone() or (0,)
                _print(name, load, said, stored, peak)
                rates[name, load] = said["rate"]
                lost = stored < said["accepted"] or (load == "open" and said["accepted"] < said["sent"])
                if lost and name.startswith("ours"):
                    raise SystemExit("a notification was not accepted, or was accepted and not stored")
    peer = rates.pop(("a commit each", "closed"))
    for (name, load), rate in rates.items():
        if load == "closed":
            print(f"\n{name}: {rate / peer:.1f} times a commit each")


def _print(name: str, load: str, said: dict[str, Any], stored: int, peak: float) -> None:
    asked = f"{RATE}/s for {SECONDS} s" if load == "open" else f"as fast as 64 connections can, {CLOSED_SECONDS} s"
    print(f"\n{name}: {asked}")
    print(f"  sent {said['sent']}, answered 200: {said['accepted']}, rows: {stored}, {said['rate']:.0f}/s")
    print(
        f"  ms from when it was due to its answer: median {said['median']:.1f}, p99 {said['p99']:.1f}, "
        f"most {said['most']:.1f}; peak {peak:.0f} MB"
    )


def _load(url: str, load: str) -> dict[str, Any]:
    seconds = SECONDS if load == "open" else CLOSED_SECONDS
    rate = RATE if load == "open" else 0
    command = [sys.executable, "-m", "benchmarks.hook_load", url, str(rate), str(seconds), str(TENANTS)]
    return run(command, {"PYTHONPATH": "plugins:include:."}).said


def _database(postgres: tuple[Postgres, int], name: str) -> dict[str, str]:
    dsn = postgres[0].dsn(postgres[1], name)
    with psycopg.connect(postgres[0].dsn(postgres[1], "postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name}")
    migrate(dsn)
    environment = {
        "PYTHONPATH": "plugins:include:.",
        "AIRFLOW_HOME": tempfile.mkdtemp(prefix="cdp-bench-"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "AIRFLOW_CONN_CDP_WAREHOUSE": dsn,
        "BENCH_DSN": dsn,
    }
    with psycopg.connect(dsn, autocommit=True) as db:
        for number in range(TENANTS):
            db.execute(
                "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date, feed_enabled) "
                "values (%s, %s, %s, %s, current_date, true)",
                (number, f"T{number}", f"t{number}", f"t{number}"),
            )
            connection = {"conn_type": "http", "extra": {"hook_secret": f"secret-{number}"}}
            environment[f"AIRFLOW_CONN_VTEX_T{number}"] = json.dumps(connection)
    return environment


@contextmanager
def _server(command: list[str], environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, *command, str(port)]
    process = subprocess.Popen(command, env=os.environ | environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@contextmanager
def _durable_postgres() -> Iterator[tuple[Postgres, int]]:
    """Run a PostgreSQL with fsync on: a 200 promises durability, so its cost counts."""
    base = Path(tempfile.mkdtemp(prefix="cdp-bench-pg-"))
    base.chmod(0o755)
    clean_up_after(base)
    postgres, port = Postgres(base, "bench", durable=True), free_port()
    postgres.start(port)
    try:
        yield postgres, port
    finally:
        postgres.stop()


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
