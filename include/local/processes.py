"""Long-running processes: started once, recorded in a file, stopped reliably."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

GRACE = 20.0
"""Seconds between asking a process to end and killing it; Airflow's own take 4 to 13."""


@dataclass(frozen=True)
class Record:
    """
    A process that was started.

    :param created: its start time: the process id alone may be reused by another process.
    :param digest: of its command and environment.
    """

    pid: int
    created: float
    digest: str


class Processes:
    """
    The processes of one stack.

    :param records: folder of the records.
    :param logs: folder of their logs.
    """

    def __init__(self, records: Path, logs: Path) -> None:
        self._records = records
        self._logs = logs

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
        """
        Start a process unless it runs already with the same command and environment.

        :return: whether it was started or restarted.
        """
        digest = hashlib.sha256(json.dumps([list(command), sorted(env.items())]).encode()).hexdigest()
        if record := self._alive(name):
            if record.digest == digest:
                return False
            self.stop([name])
        self._records.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        program = shutil.which(command[0], path=env["PATH"]) or command[0]
        with self.log(name).open("ab") as log:
            # A session of its own: Ctrl-C at the terminal does not reach it, and its descendants are found by it.
            process = subprocess.Popen(
                [program, *command[1:]], env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        process.returncode = 0  # it outlives us: nobody waits for it here, and Python need not warn of that
        record = Record(process.pid, psutil.Process(process.pid).create_time(), digest)
        self._file(name).write_text(json.dumps(asdict(record)))
        return True

    def pid(self, name: str) -> int | None:
        """Return the process id, None if it does not run."""
        record = self._alive(name)
        return record.pid if record else None

    def log(self, name: str) -> Path:
        """Return the log file of a process."""
        return self._logs / f"{name}.log"

    def stop(self, names: Sequence[str]) -> list[str]:
        """
        Ask each main process to end, wait, then kill the rest of its session.

        Only the main process is asked: a scheduler whose whole group gets SIGTERM waits for its workers for ever.

        :return: names of those that were running.
        """
        running = {name: record for name in names if (record := self._alive(name))}
        for record in running.values():
            _signal(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and any(_is_alive(record) for record in running.values()):
            time.sleep(0.05)
        for record in running.values():
            _end_session(record)
        self.sweep(names)
        return list(running)

    def sweep(self, names: Iterable[str]) -> None:
        """Kill the children of processes that are gone: the workers of a killed scheduler still hold its ports."""
        for name in names:
            record = self._record(name)
            if record and not _is_alive(record):
                _end_session(record)
                self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._records / f"{name}.json"

    def _record(self, name: str) -> Record | None:
        try:
            return Record(**json.loads(self._file(name).read_text()))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    def _alive(self, name: str) -> Record | None:
        record = self._record(name)
        return record if record and _is_alive(record) else None


def last_lines(file: Path, count: int = 15) -> str:
    """Return the last lines of a log."""
    try:
        text = file.read_bytes()[-20_000:].decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def _is_alive(record: Record) -> bool:
    try:
        process = psutil.Process(record.pid)
        return abs(process.create_time() - record.created) < 1 and _lives(process)
    except psutil.NoSuchProcess:
        return False


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _end_session(record: Record) -> None:
    """Kill a process and its whole session, including tasks in groups of their own, and wait for them."""
    with suppress(psutil.NoSuchProcess):
        if abs(psutil.Process(record.pid).create_time() - record.created) >= 1:
            return  # another process's by now, which happens only once our whole session is gone
    members = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == record.pid:
                process.kill()
                members.append(process)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(map(_lives, members)):
        time.sleep(0.02)


def _lives(process: Any) -> bool:
    """Return whether a process is alive. A zombie is not: in containers without an init it stays for ever."""
    try:
        # A thread that is still ending keeps the process's ports.
        return bool(process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.NoSuchProcess:
        return False
