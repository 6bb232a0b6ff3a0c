"""Data quality checks of the rows that a window wrote. Each is a row of a file in ``include/sql/checks``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cdp_sync.sql_files import SqlRunner

ORDERS = "checks/orders"
"""Checks of the orders that a run wrote."""
REFRESH = "checks/refresh"
"""Checks of a full refresh's findings, after healing."""


class ChecksFailed(Exception):
    """Checks failed. The data stays written, as VTEX sent it: a retry changes nothing."""


def verify(db: SqlRunner, checks: Sequence[str], *, tenant: str, **parameters: Any) -> None:
    """
    Run checks; raise if any fails.

    :param checks: SQL files that return a row (``name``, ``violations``, ``look``) for each check, at least for each
        that fails.
    :param parameters: values for the files, ``tenant_id`` and ``batch_id`` among them.
    :raises ChecksFailed: naming each failed check, its violations, and the query that shows them.
    """
    failed = [row for name in checks for row in db.rows(name, **parameters) if row["violations"]]
    if failed:
        details = "; ".join(f"{row['name']}: {row['violations']} (look: {row['look']})" for row in failed)
        raise ChecksFailed(
            f"{tenant}: the data is merged, as VTEX sent it, and {len(failed)} of its checks failed. {details}. "
            "A retry changes nothing: run the query of each check"
        )
