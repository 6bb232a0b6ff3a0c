"""Find and read the package's SQL files."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Protocol

PACKAGE = Path(__file__).parent


@cache
def sql_root() -> Path:
    """
    Return the folder of SQL: ``CDP_SQL_DIR``, else ``include/sql`` beside ``plugins/``, else ``sql`` in the package.

    The last is for MWAA, which has no ``include/``.

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
    """Return the text of a SQL file, named by its path from the root without suffix: ``orders/merge_orders``."""
    return (sql_root() / f"{name}.sql").read_text(encoding="utf-8")


class SqlRunner(Protocol):
    """Interface of ``hooks.warehouse.Warehouse`` for modules that do not import Airflow."""

    def run(self, name: str, /, **parameters: Any) -> int:
        """Run a SQL file; return the number of rows it touched."""

    def rows(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run a SQL file; return its rows."""
