"""A whole stack for the tests, started by ``make up``, and a browser."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from cdp_sync.tenants import LOCAL_TZ
from local import ports
from local.airflow_api import AirflowApi

BEGAN = datetime.now(UTC)
OFF_PEAK = f"{(BEGAN.hour + 6) % 24:02d}:00-{(BEGAN.hour + 7) % 24:02d}:00"
"""Hours far from now, in Argentina and in UTC: no history syncs unless a test triggers it."""
REFRESH = "cdp_full_refresh"
PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class RunningStack:
    """
    The stack that ``make up`` left running, and its output.

    :param load: load per core before it began, from other processes.
    """

    state: Path
    load: float
    output: str
    ui: str
    sandbox: str
    dsn: str

    def command(self, *arguments):
        return local(self.state, *arguments)

    def open(self, command):
        """Start a command with pipes, for a ``with`` block."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        return subprocess.Popen(**local_command(self.state, command), **pipes)

    @cached_property
    def client(self):
        return AirflowApi(self.ui, "admin", "admin")

    def api(self):
        self.client.wait_until_healthy(120, lambda: None)
        return self.client

    def rows(self, query, *parameters):
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query, parameters).fetchall()

    def execute(self, statement, *parameters):
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement, parameters)

    def pause(self, dag_id, *, paused=True):
        self.api().call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": paused})

    def let_refresh(self):
        """Unpause the weekly refresh, and wait first while one is due of itself."""

        def far():
            due = self.api().call("GET", f"/api/v2/dags/{REFRESH}")["next_dagrun_run_after"]
            return datetime.fromisoformat(due) - datetime.now(UTC) > timedelta(minutes=8)

        until(far, "the next refresh is far", seconds=600)
        self.pause(REFRESH, paused=False)

    def digest(self, tenant_id):
        """Return a digest of every column of the tenant's orders, including the run that wrote them and the time."""
        query = "select count(*), md5(string_agg(o::text, e'\\n' order by order_id)) from cdp.order_events o"
        return self.rows(f"{query} where tenant_id = %s", tenant_id)[0]

    def is_quiet(self, dag_id):
        """Return whether no run of a DAG waits or is under way."""
        runs = {"params": {"state": ["queued", "running"]}}
        return self.api().call("GET", f"/api/v2/dags/{dag_id}/dagRuns", **runs)["total_entries"] == 0

    def wait_for_success(self, dag_id, run_id, *, tries=1, seconds=300):
        """Wait until every task of a run succeeded, at its ``tries``-th try."""
        api = self.api()
        deadline = time.monotonic() + seconds
        while True:
            states = {t["task_id"]: (t["state"], t["try_number"]) for t in api.task_instances(dag_id, run_id)}
            if states and set(states.values()) == {("success", tries)}:
                return
            assert time.monotonic() < deadline, f"{dag_id} {run_id} is not done after {seconds} s: {states}"
            time.sleep(0.5)


def until(condition, what, *, seconds=300):
    """Wait until a condition holds; fail with what it stands for."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.5)


def between_drains(stack):
    """Wait for a moment at which no scheduled drain is under way or near: it would take what a test waits for."""
    until(lambda: 10 < time.time() % 300 < 180 and stack.is_quiet("cdp_order_feed"), "between two drains", seconds=600)


def keep_clear_of_the_refresh(minutes=4):
    """Wait while the weekly refresh is about to start: one that starts during ``make up`` delays every shop."""
    now = datetime.now(ZoneInfo(LOCAL_TZ))
    due = now.replace(hour=2, minute=0, second=0, microsecond=0)
    if now.isoweekday() == 7 and timedelta() <= due - now < timedelta(minutes=minutes):
        time.sleep((due - now).total_seconds() + 1)


def local(state, *arguments):
    command = local_command(state, *arguments)
    return subprocess.run(**command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def local_command(state, *arguments):
    """Return the arguments with which ``subprocess`` runs what is behind ``make``."""
    environment = os.environ | {
        "PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT / 'include'}",
        "CDP_LOCAL_DIR": str(state),
        "CDP_OFF_PEAK": OFF_PEAK,
    }
    return {"args": [sys.executable, "-m", "local", *arguments], "env": environment, "cwd": PROJECT}


def pytest_collection_modifyitems(items):
    """Run these tests last: the stack would slow the other tests, which find faults sooner."""
    items.sort(key=lambda item: item.path.is_relative_to(Path(__file__).parent))


def free_ports():
    """Yield free ports: not the usual ones, which are the developer's, nor those of outgoing connections (>32767)."""
    return filter(ports.is_free, count(random.randrange(15_000, 30_000)))


@pytest.fixture(scope="session")
def stack():
    state = Path(tempfile.mkdtemp(prefix="cdp-e2e-"))
    chosen = dict(zip(ports.USUAL, free_ports(), strict=False))
    ports.remember(state / "stack.json", chosen)
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    keep_clear_of_the_refresh()
    try:
        up = local(state, "up")
        assert up.returncode == 0, up.stdout + up.stderr
        dsn = local(state, "dsn").stdout.strip()
        ui, sandbox = (f"http://127.0.0.1:{chosen[name]}" for name in ("ui", "sandbox"))
        running = RunningStack(state, load, up.stdout, ui, sandbox, dsn)
        # Otherwise the feed would write every fifth minute; its own tests switch it on.
        running.execute("update cdp.tenants set feed_enabled = false")
        # Nor may the weekly refresh start by itself in the midst of a test and fill a month: Sundays, at 02:00.
        running.pause(REFRESH)
        until(lambda: running.is_quiet("cdp_order_feed"), "the first drain is over")
        yield running
        running.client.close()
    finally:
        local(state, "clean")
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture
def shops_stand_still(stack):
    """Freeze the orders of every shop: the same request gets the same answer."""
    with httpx.Client(base_url=stack.sandbox, trust_env=False) as control:
        now = control.get("/_sandbox/clock").json()["now"]
        control.post("/_sandbox/clock", json={"set": now, "frozen": True}).raise_for_status()
        yield
        control.post("/_sandbox/clock", json={"release": True}).raise_for_status()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory):
    """Folder among pytest's temporary files, which are kept for three runs."""
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture(scope="module")  # module scope: while it is open its event loop occupies the thread
def chromium():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, stack):
    """The UI, logged in."""
    page = chromium.new_page(base_url=stack.ui, viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto("/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("admin")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{stack.ui}/")
    yield page
    page.close()


def pids(stack):
    """Return the process id of every component."""
    return {file.stem: json.loads(file.read_text())["pid"] for file in (stack.state / "run").glob("*.json")}
