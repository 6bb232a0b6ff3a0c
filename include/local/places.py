"""Paths: the project, and the one folder the stack writes to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    """
    Paths of a stack.

    :param state: the folder that everything is written to.
    :param project: the folder that holds ``dags/``, ``plugins/`` and ``include/``.
    """

    state: Path
    project: Path = PROJECT

    @property
    def postgres(self) -> Path:
        return self.state / "postgres"

    @property
    def logs(self) -> Path:
        """Folder of the components' logs; the logs of tasks are under Airflow's home."""
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """Folder with one record for each process started."""
        return self.state / "run"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets.json"

    @property
    def memory(self) -> Path:
        """File with the ports for the next ``make up``."""
        return self.state / "stack.json"


def places() -> Places:
    """Return the paths of this checkout's stack: ``.local/``, or the folder that ``CDP_LOCAL_DIR`` names."""
    return Places(Path(os.environ.get("CDP_LOCAL_DIR") or PROJECT / ".local").resolve())
