"""Common ground of the benchmarks: a PostgreSQL, a sandbox with one account, an empty database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.cleanup import clean_up_after
from cdp_sync.migrations import migrate
from local.postgres import Postgres, free_port
from vtex_sandbox.testing import Sandbox, running_sandbox

DAY = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"

_AS_IN_PRODUCTION = {"synchronous_commit": "on", "default_toast_compression": "lz4"}
"""Settings of every database of every side, where the server has it; fsync and full_page_writes are on as well."""


class StageSet:
    """A server and a sandbox; ``database()`` gives a fresh database."""

    def __init__(self, postgres: Postgres, port: int, sandbox: Sandbox) -> None:
        self._postgres, self._port, self.sandbox = postgres, port, sandbox
        self._databases = 0

    def dsn(self, name: str) -> str:
        """Return the DSN of a database."""
        return self._postgres.dsn(self._port, name)

    def database(self) -> str:
        """Create a database at the newest schema, with tenant 1; return its DSN."""
        self._databases += 1
        name = f"bench{self._databases}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as admin:
            admin.execute(f"create database {name}")
            for setting, value in _AS_IN_PRODUCTION.items():
                offered = admin.execute("select %s = any(enumvals) from pg_settings where name = %s", (value, setting))
                if offered.fetchone() == (True,):
                    admin.execute(f"alter database {name} set {setting} = '{value}'")
        migrate(self.dsn(name))
        with psycopg.connect(self.dsn(name), autocommit=True) as db:
            db.execute(
                "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
                "values (1, 'Bench', 'bench', 'bench', '2025-01-01')"
            )
            db.execute("checkpoint")
        return self.dsn(name)

    def shop(self, orders: int, **settings: Any) -> None:
        """Open the account with ``orders`` orders on ``DAY``, rendered ahead so that the sandbox only sends bytes."""
        only = {"first_day": DAY[0], "last_day": DAY[0]}
        self.sandbox.open("bench", orders_per_day=[orders, orders], incomplete_share=0, **only, **settings)
        self.sandbox.call("POST", "bench/warm", start=DAY[0], end=DAY[1])
        self.sandbox.clear_log()

    def environment(self, dsn: str) -> dict[str, str]:
        """Return the environment of a measured process."""
        key, token = self.sandbox.credentials("bench")
        host = self.sandbox.account_url("bench")
        vtex = {"conn_type": "http", "host": host, "login": key, "password": token}
        return {
            "PYTHONPATH": "plugins:include:.",
            "AIRFLOW_HOME": tempfile.mkdtemp(prefix="cdp-bench-"),
            "AIRFLOW_CONN_VTEX_BENCH": json.dumps(vtex),
            "AIRFLOW_CONN_CDP_WAREHOUSE": dsn,
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "BENCH_DSN": dsn,
            "BENCH_URL": host,
            "BENCH_KEY": key,
            "BENCH_TOKEN": token,
        }

    def wal(self, dsn: str) -> int:
        """Return the bytes of WAL written so far."""
        with psycopg.connect(dsn) as db:
            row = db.execute("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint").fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def stage_set() -> Iterator[StageSet]:
    """Run server and sandbox during a ``with`` block."""
    base = Path(tempfile.mkdtemp(prefix="cdp-bench-pg-"))
    base.chmod(0o755)
    clean_up_after(base)
    postgres, port = Postgres(base, "bench", durable=True), free_port()
    postgres.start(port)
    with running_sandbox() as sandbox:
        sandbox.freeze(NOW)
        yield StageSet(postgres, port, sandbox)
