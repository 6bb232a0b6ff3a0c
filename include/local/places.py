"""Where things are: the project, and the one folder the stack writes to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    """
    Paths of a stack.

    :param state: everything the stack writes is in here.
    :param project: holds ``dags/``, ``plugins/`` and ``include/``.
    """

    state: Path
    project: Path = PROJECT

    @property
    def postgres(self) -> Path:
        return self.state / "postgres"

    @property
    def logs(self) -> Path:
        """What each component says; the logs of tasks are Airflow's, under its home."""
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """One record for each process started."""
        return self.state / "run"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets.json"

    @property
    def memory(self) -> Path:
        """What the next ``make up`` should know: the ports."""
        return self.state / "stack.json"


def places() -> Places:
    """The stack of this checkout: ``.local/``, or the folder ``CDP_LOCAL_DIR`` names."""
    return Places(Path(os.environ.get("CDP_LOCAL_DIR") or PROJECT / ".local").resolve())
