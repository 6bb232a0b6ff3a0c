"""What tests share: a real PostgreSQL, a real sandbox, and a way to run a task as Airflow would."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

_HOME = tempfile.mkdtemp(prefix="cdp-tests-")
os.environ.update(
    {
        "AIRFLOW_HOME": _HOME,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{_HOME}/airflow.db",
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).parent.parent / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(Path(__file__).parent.parent / "plugins"),
    }
)

import psycopg  # noqa: E402
import pytest  # noqa: E402
from psycopg.rows import dict_row  # noqa: E402

from cdp_sync.migrations import migrate  # noqa: E402
from local.postgres import Postgres, free_port  # noqa: E402
from vtex_sandbox.testing import running_sandbox  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """DSN template of an embedded PostgreSQL; ``.format(database)``."""
    base = Path(tempfile.mkdtemp(prefix="cdp-pg-"))
    base.chmod(0o755)
    postgres, port = Postgres(base, "tests"), free_port()
    postgres.start(port)
    dsn = postgres.dsn(port, "{}")
    with psycopg.connect(dsn.format("postgres"), autocommit=True) as admin:
        admin.execute("create database migrated")
        admin.execute("alter database migrated set timezone = 'America/Argentina/Buenos_Aires'")
    migrate(dsn.format("migrated"))
    yield dsn
    postgres.stop()


@pytest.fixture
def dsn(server, request):
    """A database of the test's own, at the newest schema."""
    name = f"t{abs(hash(request.node.nodeid))}"
    with psycopg.connect(server.format("postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name} template migrated")
        admin.execute(f"alter database {name} set timezone = 'America/Argentina/Buenos_Aires'")
        yield server.format(name)
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def db(dsn):
    """A connection that commits each statement and answers with dictionaries."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="session")
def sandbox_process():
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process):
    """A sandbox without faults, its clock at the real time, its log empty."""
    sandbox_process.heal()
    sandbox_process.call("POST", "clock", {"release": True})
    sandbox_process.clear_log()
    yield sandbox_process
    sandbox_process.heal()


def pytest_terminal_summary(terminalreporter):
    """Name what did not run here, and why: nothing is skipped in silence."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("not run here")
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.line(f"{report.nodeid}: {reason}")


def context(run_id="manual__1", *, dag_id="cdp_orders__ferreira", run_after=None, interval_end=None, outlets=()):
    """What Airflow hands to ``execute``, as far as our operators look."""
    pushed = {}
    instance = SimpleNamespace(
        dag_id=dag_id, run_id=run_id, map_index=-1, xcom_push=lambda key, value: pushed.update({key: value})
    )
    run = SimpleNamespace(run_after=run_after, data_interval_end=interval_end)
    events = {asset: SimpleNamespace(extra={}) for asset in outlets}
    return {"ti": instance, "dag_run": run, "outlet_events": events, "pushed": pushed}
