"""One measured process: wall time of its work, processor time, and peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent


class Measured(NamedTuple):
    """
    Measurements of one process.

    :param seconds: of the work, measured by the process itself, without imports.
    :param whole: seconds of the whole process, imports included.
    :param cpu: processor seconds of the whole process.
    :param peak_mb: peak resident memory.
    :param said: everything else it reported.
    """

    seconds: float
    whole: float
    cpu: float
    peak_mb: float
    said: dict[str, Any]


def run(command: list[str], environment: dict[str, str]) -> Measured:
    """Run a command whose last line of output is JSON with ``seconds``. :raises RuntimeError: if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    whole = time.perf_counter() - began
    if status:
        raise RuntimeError(f"{command} failed: {output[-2000:]}")
    said = json.loads(output.strip().splitlines()[-1])
    return Measured(said.pop("seconds"), whole, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)
