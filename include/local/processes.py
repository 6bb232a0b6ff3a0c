"""Long-running processes: started once, known by a record in a file, stopped for certain."""

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

import psutil  # type: ignore[import-untyped]

GRACE = 20.0
"""Seconds between asking a process to end and ending it; Airflow's own take 4 to 13."""


@dataclass(frozen=True)
class Record:
    """
    A process that was started.

    :param created: its start time: a process id alone may meanwhile belong to somebody else.
    :param digest: of its command and environment.
    """

    pid: int
    created: float
    digest: str


class Processes:
    """
    The processes of one stack.

    :param records: folder of the records.
    :param logs: folder of what they say.
    """

    def __init__(self, records: Path, logs: Path) -> None:
        self._records = records
        self._logs = logs

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
        """
        Start a process unless it runs already with the same command and environment.

        :return: whether it was started, or started anew.
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
            # A session of its own: Ctrl-C at the terminal is not for it, and its children form one group.
            process = subprocess.Popen(
                [program, *command[1:]], env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        record = Record(process.pid, psutil.Process(process.pid).create_time(), digest)
        self._file(name).write_text(json.dumps(asdict(record)))
        return True

    def pid(self, name: str) -> int | None:
        """Process id, None where it does not run."""
        record = self._alive(name)
        return record.pid if record else None

    def log(self, name: str) -> Path:
        """Where it writes what it has to say."""
        return self._logs / f"{name}.log"

    def stop(self, names: Iterable[str]) -> list[str]:
        """
        Ask each main process to end, wait, then end whatever is left of its group.

        Only the main process is asked: a scheduler whose whole group gets SIGTERM waits for its workers for ever.

        :return: names of those that ran.
        """
        running = {name: record for name in names if (record := self._alive(name))}
        for record in running.values():
            _signal(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and any(_is_alive(record) for record in running.values()):
            time.sleep(0.05)
        for name, record in running.items():
            _signal_group(record.pid, signal.SIGKILL)
            self._file(name).unlink(missing_ok=True)
        return list(running)

    def _file(self, name: str) -> Path:
        return self._records / f"{name}.json"

    def _alive(self, name: str) -> Record | None:
        try:
            record = Record(**json.loads(self._file(name).read_text()))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None
        return record if _is_alive(record) else None


def last_lines(file: Path, count: int = 15) -> str:
    """End of a log."""
    try:
        text = file.read_bytes()[-20_000:].decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def _is_alive(record: Record) -> bool:
    try:
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.created) < 1
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _signal_group(leader: int, number: int) -> None:
    """Signal the group a process of ours led; gone already is fine."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
