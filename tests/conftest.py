"""Shared fixtures: a real PostgreSQL, a real sandbox, and a way to run a task as Airflow would."""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

_HOME = tempfile.mkdtemp(prefix="cdp-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
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

from cdp_sync import clock  # noqa: E402
from cdp_sync.deployment.databases import create_database  # noqa: E402
from cdp_sync.migrations import migrate  # noqa: E402
from cdp_sync.tenants import LOCAL_TZ  # noqa: E402
from local.postgres import POSTGRES_15, drop_database, temporary_server  # noqa: E402
from tests.moments import MOMENT, ClockedSandbox, Present  # noqa: E402
from vtex_sandbox.testing import running_sandbox  # noqa: E402

SERVERS = {"embedded": None, "postgres15": POSTGRES_15}


def pytest_generate_tests(metafunc):
    """
    Run every test that uses a database on each PostgreSQL; ``-k "not postgres15"`` leaves the second out.

    A module whose tests are about something else, and take long, says so with ``ANY_POSTGRES``.
    """
    if "server" in metafunc.fixturenames:
        servers = list(SERVERS)[:1] if getattr(metafunc.module, "ANY_POSTGRES", False) else SERVERS
        metafunc.parametrize("server", servers, indirect=True, scope="session")


@pytest.fixture(scope="session")
def server(request):
    """DSN template of a PostgreSQL; ``.format(database)``."""
    programs = SERVERS[request.param]
    if programs and not (programs / "postgres").exists():
        pytest.skip(f"PostgreSQL 15 is not installed: there is no {programs}")
    with temporary_server(programs) as admin:
        dsn = f"{admin.rpartition('/')[0]}/{{}}"
        create_database(admin, "migrated", timezone=LOCAL_TZ)
        migrate(dsn.format("migrated"))
        yield dsn


@pytest.fixture
def dsn(server, request):
    """A database for this test, at the newest schema."""
    name, admin = f"t{abs(hash(request.node.nodeid))}", server.format("postgres")
    create_database(admin, name, template="migrated", timezone=LOCAL_TZ)
    yield server.format(name)
    drop_database(admin, name)


@pytest.fixture
def db(dsn):
    """A connection that commits each statement and returns rows as dictionaries."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="session")
def sandbox_process():
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def present(monkeypatch):
    """The package's present, at ``MOMENT``."""
    present = Present()
    monkeypatch.setattr(clock, "now", present.now)
    return present


@pytest.fixture
def sandbox(sandbox_process, present):
    """A sandbox without faults, its log empty; its clock and the package's are one, and stand still."""
    sandbox = ClockedSandbox(sandbox_process.base_url, present)
    sandbox.heal()
    sandbox.freeze(MOMENT.isoformat())
    sandbox.clear_log()
    yield sandbox
    sandbox.heal()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let a failing test say how to run it again: at its moment, with its seed, which is part of its name."""
    report = yield
    if report.failed:
        asked_for = [f"{name}={value}" for name, value in os.environ.items() if name.startswith("CDP_TEST_")]
        command = [*asked_for, sys.executable, "-m", "pytest", item.nodeid]
        report.sections.append(("run it again", " ".join(map(shlex.quote, command))))
        if stopped := getattr(item, "funcargs", {}).get("present"):
            report.sections.append(("its clock stood at", stopped.at.isoformat()))
    return report


def pytest_terminal_summary(terminalreporter):
    """Name the tests that were skipped, and why: nothing is skipped in silence."""
    not_run = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        not_run.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    if left_out := terminalreporter.stats.get("deselected", []):
        not_run["left out on the command line"] = [f"{len(left_out)} tests"]
    terminalreporter.section("not run here" if not_run else "nothing was left out")
    for reason, tests in sorted(not_run.items()):
        terminalreporter.line(f"{reason}:")
        for test in tests:
            terminalreporter.line(f"    {test}")


def context(
    run_id="manual__1",
    *,
    dag_id="cdp_orders__ferreira",
    run_type="manual",
    run_after=None,
    interval_end=None,
    outlets=(),
    params=None,
    conf=None,
    **of_instance,
):
    """
    Return the parts of Airflow's ``execute`` context that our operators use.

    :param params: of the DAG's form.
    :param conf: with which the run was triggered; added to the form's, as Airflow does.
    :param of_instance: more attributes of the task instance.
    """
    pushed = {}
    instance = SimpleNamespace(
        dag_id=dag_id,
        run_id=run_id,
        map_index=-1,
        xcom_push=lambda key, value: pushed.update({key: value}),
        **of_instance,
    )
    form, conf = dict(params or {}), dict(conf or {})
    run = SimpleNamespace(run_type=run_type, run_after=run_after, data_interval_end=interval_end, conf=conf)
    dag = SimpleNamespace(dag_id=dag_id, params=form)
    events = {asset: SimpleNamespace(extra={}) for asset in outlets}
    return {
        "ti": instance, "dag": dag, "dag_run": run, "outlet_events": events, "pushed": pushed, "params": form | conf,
    }  # fmt: skip
