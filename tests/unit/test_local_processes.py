"""Processes of the stack: recorded, stopped reliably, never confused with other processes."""

import json
import os
import signal
import time

import psutil
import pytest

from local import processes
from local.processes import Processes, last_lines

ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def stack(tmp_path):
    stack = Processes(tmp_path / "run", tmp_path / "logs")
    yield stack
    stack.stop(["one", "two"])


def sleeper(*, after="", ignore_term=False):
    """Return the command of a shell that starts a child and waits for it."""
    trap = "trap '' TERM; " if ignore_term else ""
    return ["sh", "-c", f"{trap}sleep 60 & echo $! {after}; wait"]


def child_of(stack, name):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if said := last_lines(stack.log(name)).split():
            return int(said[-1])
        time.sleep(0.02)
    raise AssertionError("no child")


def gone(pid):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_a_running_process_is_not_started_twice(stack):
    assert stack.start("one", sleeper(), ENV)
    pid = stack.pid("one")

    assert not stack.start("one", sleeper(), ENV)

    assert stack.pid("one") == pid


def test_a_process_whose_settings_changed_is_started_anew(stack):
    stack.start("one", sleeper(), ENV)
    pid = stack.pid("one")

    assert stack.start("one", sleeper(), ENV | {"NEW": "1"})

    assert stack.pid("one") != pid
    assert gone(pid)


def test_stopping_ends_the_children_too(stack):
    stack.start("one", sleeper(), ENV)
    child = child_of(stack, "one")

    assert stack.stop(["one", "two"]) == ["one"]

    assert stack.pid("one") is None
    assert gone(child)


def test_a_process_that_does_not_listen_is_ended_after_a_while(stack, monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 0.2)
    stack.start("one", sleeper(ignore_term=True), ENV)
    child, pid = child_of(stack, "one"), stack.pid("one")

    stack.stop(["one"])

    assert gone(pid)
    assert gone(child)


def test_what_a_killed_process_left_behind_is_swept(stack):
    stack.start("one", sleeper(), ENV)
    child = child_of(stack, "one")
    os.kill(stack.pid("one"), signal.SIGKILL)
    assert gone(stack.pid("one") or 0)

    stack.sweep(["one"])

    assert gone(child)


def test_a_process_id_that_belongs_to_somebody_else_by_now_is_left_alone(stack, tmp_path):
    stack.start("one", sleeper(), ENV)
    somebody = stack.pid("one")
    record = tmp_path / "run" / "one.json"
    (tmp_path / "run" / "two.json").write_text(json.dumps(json.loads(record.read_text()) | {"created": 1.0}))

    assert stack.pid("two") is None
    assert stack.stop(["two"]) == []
    assert stack.pid("one") == somebody


def test_the_end_of_a_log_is_its_last_lines(tmp_path):
    (tmp_path / "log").write_text("\n".join(map(str, range(100))))

    assert last_lines(tmp_path / "log", 2) == "98\n99"
    assert last_lines(tmp_path / "none") == ""
