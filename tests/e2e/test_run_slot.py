"""A shop's only slot is never lost: not to a run of odd dates, not to a worker that was killed."""

import contextlib
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from cdp_sync import clock
from tests.e2e.conftest import pids

pytestmark = pytest.mark.timeout(600)

SHOP = "cdp_orders__petbaar"
WORKER = "airflow worker -- LocalExecutor:"


def trigger(stack, **dates):
    body = {"logical_date": None} | {name: moment.isoformat() for name, moment in dates.items()}
    return stack.api().call("POST", f"/api/v2/dags/{SHOP}/dagRuns", json=body)["dag_run_id"]


def ended(stack, run_id, *, seconds):
    """Return state, note and started tasks of a run that is over."""
    api, deadline = stack.api(), time.monotonic() + seconds
    while True:
        run = api.call("GET", f"/api/v2/dags/{SHOP}/dagRuns/{run_id}")
        if run["state"] in ("success", "failed"):
            began = [task["task_id"] for task in api.task_instances(SHOP, run_id) if task["start_date"]]
            return run["state"], run["note"], began
        assert time.monotonic() < deadline, f"{run_id} is {run['state']} after {seconds} s"
        time.sleep(0.5)


def test_runs_of_odd_dates_end_with_a_sentence_and_hold_up_no_run_of_the_shop(stack):
    now = clock.now()
    runs = {
        "is in the future": trigger(stack, logical_date=now + timedelta(days=400)),
        "is before 2024-01-01": trigger(stack, logical_date=datetime(2023, 5, 1, tzinfo=UTC)),
        "given by hand": trigger(
            stack,
            logical_date=now - timedelta(days=40),
            data_interval_start=now - timedelta(days=41),
            data_interval_end=now - timedelta(days=40),
        ),
    }
    as_the_form_sends_it = trigger(stack, logical_date=now)

    for fault, run_id in runs.items():
        state, note, began = ended(stack, run_id, seconds=60)
        assert (state, began) == ("failed", [])
        assert fault in note
        assert "window_start and window_end" in note
    assert ended(stack, as_the_form_sends_it, seconds=60)[0] == "success"


def idle_workers(stack):
    children = psutil.Process(pids(stack)["scheduler"]).children()
    titles = {child: " ".join(child.cmdline()) for child in children}
    return [child for child, title in titles.items() if title.startswith(WORKER) and "<idle>" in title]


@contextlib.contextmanager
def no_answer_from_the_api_server(stack):
    """Suspend it: a worker takes a task and cannot report its start."""
    server = psutil.Process(pids(stack)["api-server"])
    everyone = [server, *server.children(recursive=True)]
    for process in everyone:
        os.kill(process.pid, signal.SIGSTOP)
    yield
    for process in everyone:
        os.kill(process.pid, signal.SIGCONT)


def the_one_that_takes_a_task(watched):
    """Return it, suspended before it can ask for anything."""
    titles = {process: Path(f"/proc/{process.pid}/cmdline") for process in watched}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for process, title in titles.items():
            if b"<idle>" not in title.read_bytes():
                process.suspend()
                return process
    raise AssertionError("no worker took the task")


def kill(processes):
    for process in processes:
        for each in [*process.children(recursive=True), process]:
            each.kill()


def test_a_task_that_its_killed_worker_had_taken_is_freed_and_succeeds(stack):
    run_id = trigger(stack, run_after=clock.now() + timedelta(seconds=3))
    with no_answer_from_the_api_server(stack):
        kill([the_one_that_takes_a_task(idle_workers(stack))])

    assert [task["state"] for task in stack.api().task_instances(SHOP, run_id) if task["task_id"] == "fetch"] == [
        "queued"
    ]
    assert ended(stack, run_id, seconds=150)[0] == "success"


def test_tasks_are_started_again_after_the_worker_that_held_the_queue_was_killed(stack):
    kill(idle_workers(stack))

    run_id = trigger(stack)

    assert ended(stack, run_id, seconds=150)[0] == "success"
