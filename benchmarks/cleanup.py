"""
Removal of what a benchmark started, however it ends: a process that outlives it stops its servers.

``python -m benchmarks.cleanup MARK FOLDER`` waits until whoever holds its standard input is gone, killed or not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psutil

from local.postgres import Postgres

MARK = "CDP_BENCHMARK"
"""Variable of the environment by which a benchmark's processes are known; they inherit it."""


def clean_up_after(folder: Path) -> None:
    """Have this process's children stopped, and the server in ``folder`` removed, once this process is gone."""
    os.environ.setdefault(MARK, uuid.uuid4().hex)
    command = [sys.executable, "-m", "benchmarks.cleanup", os.environ[MARK], str(folder)]
    # Its end of the pipe closes when this process ends. A session of its own, so that Ctrl-C does not reach it.
    subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def stop(mark: str) -> None:
    """Kill every process with this mark but this one."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                process.kill()
        except psutil.Error:
            continue  # it is gone, or somebody else's


if __name__ == "__main__":
    sys.stdin.read()
    stop(sys.argv[1])
    Postgres(Path(sys.argv[2]), "bench").remove()
