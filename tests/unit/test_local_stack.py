"""The local stack's settings, secrets and messages."""

import json
import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import httpx
import pytest
from rich.console import Console

from local import bootstrap, keys, sync
from local.airflow_api import AirflowApi, AirflowError
from local.places import Places
from local.progress import Display, table
from local.stack import Stack, StackError
from local.sync import Progress, run_once, sync_all
from local.tenant_status import Counts, Shop
from tests.moments import MOMENT


@pytest.fixture
def stack(tmp_path):
    stack = Stack(Places(tmp_path))
    stack.ports = {
        "ui": 1, "postgres": 2, "sandbox": 3, "task logs": 4, "triggerer logs": 5, "scheduler health": 6
    }  # fmt: skip
    return stack


def test_the_shells_airflow_settings_do_not_reach_the_stack(stack, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "SomebodyElses")
    monkeypatch.setenv("AIRFLOW__CORE__SQL_ALCHEMY_CONN", "postgresql://production")

    assert stack.environment["AIRFLOW__CORE__EXECUTOR"].endswith(".RevokingLocalExecutor")
    assert "production" not in json.dumps(stack.environment)


def test_all_that_listens_listens_on_the_ports_chosen(stack):
    environment = stack.environment

    assert environment["AIRFLOW__API__PORT"] == "1"
    assert environment["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:1"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:1/execution/"
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith("@127.0.0.1:2/airflow")
    assert environment["CDP_WAREHOUSE_DSN"].endswith("@127.0.0.1:2/cdp") == stack.warehouse_dsn.endswith(":2/cdp")
    assert environment["CDP_SANDBOX_URL"] == "http://127.0.0.1:3"
    assert environment["AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT"] == "4"
    assert environment["AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT"] == "5"
    assert environment["AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT"] == "6"


def test_everything_written_is_in_the_folder_of_the_stack(stack, tmp_path):
    environment = stack.environment

    assert environment["AIRFLOW_HOME"] == f"{tmp_path}/airflow"
    assert environment["CDP_LANDING_URL"] == f"file://{tmp_path}/landing"
    assert environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] == f"{tmp_path}/passwords.json"


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path):
    made = keys.load_or_make(tmp_path / "secrets.json")

    assert keys.load_or_make(tmp_path / "secrets.json") == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len({made.fernet, made.jwt, made.api, made.postgres}) == 4


def test_two_commands_at_once_are_refused(stack):
    with stack.locked(), pytest.raises(StackError, match="Another make up"), Stack(stack.places).locked():
        pass


class FakeAirflow:
    """An Airflow whose scheduler starts a run at the third look, and none for a DAG that ran before."""

    def __init__(self, dag_ids, *, ran_before=(), failing=()):
        self.looks, self.triggered = 0, []
        self.dag_ids, self.old, self.failing = dag_ids, set(ran_before), set(failing)
        self.unfinished = []

    def dags(self, prefix):
        self.looks += 1
        return dict.fromkeys(self.dag_ids, False)

    def runs(self, dag_ids, *, since):
        return [self._run(d) for d in dag_ids if self.looks > 1 and (d not in self.old or d in self.triggered)]

    def _run(self, dag_id):
        state = "running" if self.looks < 3 else "failed" if dag_id in self.failing else "success"
        ended = "2026-01-01T12:00:07Z" if state != "running" else None
        return {
            "dag_id": dag_id, "dag_run_id": "run", "state": state, "start_date": "2026-01-01T12:00:00Z",
            "end_date": ended,
        }  # fmt: skip

    def active_tasks(self, dag_ids):
        return [{"dag_id": d, "task_id": "fetch", "state": "running"} for d in dag_ids if self.looks == 2]

    def ran_before(self, dag_id, instant):
        return dag_id in self.old

    def trigger(self, dag_id):
        self.triggered.append(dag_id)
        return "run"

    def task_instances(self, dag_id, run_id):
        return [{"task_id": "plan", "state": "success"}, *self.unfinished] if self.unfinished else [
            {"task_id": "plan", "state": "success"}, {"task_id": "fetch", "state": "failed"}
        ]  # fmt: skip

    def unpause(self, dag_id):
        pass

    def last_error(self, task):
        return "AirflowFailException: no such account"

    def import_errors(self):
        return []


SHOPS = [Shop("PetBaar", "petbaar", True), Shop("Ferreira", "ferreira", True)]


@pytest.fixture
def completed(monkeypatch):
    """A warehouse where every run has completed."""

    def counts(connection, batch_ids):
        return {b: Counts(b, "completed", 4, 3, 1, 12, Decimal(1), None) for b in batch_ids}

    monkeypatch.setattr(sync, "counts", counts)
    monkeypatch.setattr(sync.time, "sleep", lambda seconds: None)


def run_sync(api, dsn, seconds=60.0):
    shown = []
    tenants = sync_all(
        api, dsn, SHOPS, since=MOMENT, seconds=seconds, show=lambda now: shown.append([t.state for t in now])
    )
    return tenants, shown


def test_a_run_the_scheduler_makes_is_watched_not_doubled(dsn, completed):
    api = FakeAirflow(["cdp_orders__petbaar", "cdp_orders__ferreira"])

    tenants, shown = run_sync(api, dsn)

    assert [t.synced for t in tenants] == [True, True]
    assert api.triggered == []
    assert shown == [["no run yet"] * 2, ["fetch"] * 2, ["synced"] * 2]


def test_a_tenant_that_ran_before_is_triggered(dsn, completed):
    api = FakeAirflow(["cdp_orders__petbaar", "cdp_orders__ferreira"], ran_before=["cdp_orders__ferreira"])

    tenants, _ = run_sync(api, dsn)

    assert all(t.synced for t in tenants)
    assert api.triggered == ["cdp_orders__ferreira"]


def test_a_failed_tenant_is_explained_and_spoils_no_other(dsn, completed):
    api = FakeAirflow(["cdp_orders__petbaar", "cdp_orders__ferreira"], failing=["cdp_orders__petbaar"])

    petbaar, ferreira = run_sync(api, dsn)[0]

    assert (petbaar.state, ferreira.state) == ("failed", "synced")
    assert petbaar.failure == "task fetch failed: AirflowFailException: no such account"


def test_a_dag_that_never_appears_is_explained(dsn, completed):
    api = FakeAirflow(["cdp_orders__petbaar"])

    ferreira = run_sync(api, dsn, seconds=0.2)[0][1]

    assert not ferreira.synced
    assert "cdp_orders__ferreira did not appear" in ferreira.failure


def test_a_run_that_is_not_done_in_time_says_what_it_waits_for_and_not_that_dag_files_are_at_fault(completed):
    api = FakeAirflow(["cdp_warehouse"])
    api.runs = lambda dag_ids, since: [{"state": "running", "dag_run_id": "run"}]
    api.unfinished = [
        {"task_id": "migrate_schema", "state": "up_for_retry"},
        {"task_id": "publish_tenants", "state": "queued"},
        {"task_id": "check_tenants", "state": None},
    ]

    with pytest.raises(AirflowError) as late:
        run_once(api, "cdp_warehouse", since=MOMENT, seconds=0.05)

    assert str(late.value) == (
        "cdp_warehouse is not done after 0 s: task migrate_schema is retried after AirflowFailException: no such "
        "account, task publish_tenants is queued, task check_tenants is not due yet; see the run in the UI and "
        ".local/logs/scheduler.log; make up goes on from here"
    )


def progress(shop, state, counts_status=None):
    counts = Counts("b", counts_status, 4, 3, 1, 12, Decimal(1), None) if counts_status else None
    began, ended = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 0, 7, tzinfo=UTC)
    return Progress(shop, run_id="r", run_state=state, task="fetch", began=began, ended=ended, counts=counts)


def test_a_run_that_ended_green_without_a_completed_sync_is_no_success():
    assert progress(SHOPS[0], "success", "failed").state == "not synced"
    assert progress(SHOPS[0], "success").state == "not synced"


def test_a_tenant_whose_sync_is_off_is_no_failure():
    off = progress(Shop("PetBaar", "petbaar", False), "success", "skipped")

    assert (off.state, off.synced) == ("sync is off", True)


def test_without_a_terminal_every_change_is_a_line():
    out = StringIO()
    with Display(Console(file=out, width=100)) as display:
        display.show([progress(SHOPS[0], "running")])
        display.show([progress(SHOPS[0], "running")])
        display.show([progress(SHOPS[0], "success", "completed")])

    lines = [line.split("s  ", 1)[1] for line in out.getvalue().splitlines()]
    assert lines == ["PetBaar: fetch", "PetBaar: synced, 3 new and 1 changed orders in 7.0 s"]


def test_the_table_has_every_tenant_and_the_totals():
    out = StringIO()
    synced = [progress(shop, "success", "completed") for shop in SHOPS]
    synced[0].stored, synced[1].stored = 60, 1304
    Console(file=out, width=120).print(table(synced))

    cells = [re.findall(r"[^│┃]+", line) for line in out.getvalue().splitlines() if line[0] in "│┃"]
    assert [[cell.strip() for cell in line] for line in cells] == [
        ["Tenant", "State", "Read", "New", "Changed", "Stored", "Seconds"],
        ["PetBaar", "synced", "4", "3", "1", "60", "7.0"],
        ["Ferreira", "synced", "4", "3", "1", "1304", "7.0"],
        ["2 tenants", "2 synced", "8", "6", "2", "1364", "7.0"],
    ]


def test_after_the_syncs_every_tenants_stored_orders_are_counted_not_those_of_the_run(db, dsn, completed):
    for number, shop in enumerate(SHOPS, 1):
        db.execute(
            "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
            "values (%s, %s, %s, %s, '2026-01-01')",
            (number, shop.tenant_name, shop.slug, shop.slug),
        )
    db.execute(
        "insert into cdp.order_events (tenant_id, order_id, order_date, last_change, seller_ids, total, item_count, "
        "unit_count, payment_count, fetched_at, sync_run_id) "
        "select 1, n::text, '2026-01-01', '2026-01-01', '{}', 1, 0, 0, 0, '2026-01-01', 1 "
        "from generate_series(1, 7) as n"
    )

    tenants, _ = run_sync(FakeAirflow(["cdp_orders__petbaar", "cdp_orders__ferreira"]), dsn)

    assert [t.stored for t in tenants] == [7, 0]


def answering(monkeypatch, status, body):
    api = AirflowApi("http://airflow.test", "admin", "admin")
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json=body))
    monkeypatch.setattr(api, "_http", httpx.Client(base_url="http://airflow.test", transport=transport))
    return api


def test_what_airflow_refuses_is_said(monkeypatch):
    api = answering(monkeypatch, 409, {"detail": "DAG run exists"})

    with pytest.raises(AirflowError, match=r"409 to POST .*DAG run exists"):
        api.trigger("cdp_orders__petbaar")


def test_the_last_error_of_a_log_is_one_line_without_the_row(monkeypatch):
    content = [
        {"event": "::group::Log message source details"},
        {"level": "info", "event": "Started"},
        {"level": "error", "event": "Task failed", "error_detail": [
            {"exc_type": "NotNullViolation", "exc_value": "null value\nDETAIL: (a@b.example)"}
        ]},
    ]  # fmt: skip
    api = answering(monkeypatch, 200, {"content": content})
    task = {"dag_id": "d", "dag_run_id": "r", "task_id": "t", "try_number": 1, "map_index": -1}

    assert api.last_error(task) == "NotNullViolation: null value"


def test_components_without_a_heartbeat_are_named(monkeypatch):
    well = {"status": "healthy"}
    body = {"metadatabase": well, "scheduler": {"status": "unhealthy"}, "dag_processor": well, "triggerer": None}

    assert answering(monkeypatch, 200, body).unhealthy() == ["scheduler", "triggerer"]


@pytest.mark.parametrize(
    ("stamp", "kind", "current"),
    [
        ({"kind": "dev", "sha256": "D"}, "local", True),
        ({"kind": "dev", "sha256": "D"}, "dev", True),
        ({"kind": "local", "sha256": "L"}, "local", True),
        ({"kind": "local", "sha256": "L"}, "dev", False),
        ({"kind": "dev", "sha256": "old"}, "local", False),
        ({}, "local", False),
    ],
)
def test_packages_are_installed_again_only_when_a_lock_file_changed(tmp_path, monkeypatch, stamp, kind, current):
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "locked.json")
    monkeypatch.setattr(bootstrap, "works", lambda venv: True)
    (tmp_path / "locked.json").write_text(json.dumps(stamp))

    assert bootstrap.is_current(kind, {"local": "L", "dev": "D"}) is current


def test_a_missing_compiler_is_said_only_where_something_needs_one(monkeypatch):
    monkeypatch.setattr(bootstrap.shutil, "which", lambda program: None)

    assert "no C compiler" in bootstrap.missing_compiler("Failed to build `psutil==7`")
    assert bootstrap.missing_compiler("error: no route to host") is None


def test_a_python_that_can_install_nothing_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "STATE", tmp_path)
    monkeypatch.setattr(bootstrap, "find_spec", lambda name: None)

    with pytest.raises(bootstrap.SetupFailed, match="neither ensurepip nor pip"):
        bootstrap.install_uv()


def test_a_failed_installation_is_what_the_tool_said_and_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "STATE", tmp_path)

    with pytest.raises(bootstrap.SetupFailed, match=r"(?s)^no index here\nThe locked packages .*\.$"):
        bootstrap.run(["sh", "-c", "echo no index here >&2; exit 2"], "The locked packages could not be installed.")


def test_the_state_folder_can_be_elsewhere(monkeypatch, tmp_path):
    from local.places import PROJECT, places

    monkeypatch.setenv("CDP_LOCAL_DIR", str(tmp_path))
    assert places().state == tmp_path.resolve()
    monkeypatch.delenv("CDP_LOCAL_DIR")
    assert places().state == PROJECT / ".local"
    assert os.path.isdir(PROJECT / "dags")
