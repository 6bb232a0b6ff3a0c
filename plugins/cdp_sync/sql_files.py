"""Finds the package's SQL, which lives in files."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Protocol

PACKAGE = Path(__file__).parent


@cache
def sql_root() -> Path:
    """
    The folder of SQL files: ``CDP_SQL_DIR``, else ``include/sql`` beside ``plugins/``, else ``sql`` in the package.

    The last is for MWAA, which knows no ``include/``.

    :raises FileNotFoundError: if none of the three exists.
    """
    override = os.environ.get("CDP_SQL_DIR")
    places = [Path(override)] if override else [PACKAGE.parent.parent / "include" / "sql", PACKAGE / "sql"]
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"No SQL found in {', '.join(map(str, places))}; set CDP_SQL_DIR to the folder")


@cache
def sql(name: str) -> str:
    """Text of a SQL file, named from the root without ending: ``orders/merge_orders``."""
    return (sql_root() / f"{name}.sql").read_text(encoding="utf-8")


class SqlRunner(Protocol):
    """Runs SQL files of the warehouse; what modules without Airflow need of ``hooks.warehouse.Warehouse``."""

    def run(self, name: str, /, **parameters: Any) -> int:
        """Run a SQL file; return how many rows it touched."""

    def rows(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run a SQL file; return its rows."""
