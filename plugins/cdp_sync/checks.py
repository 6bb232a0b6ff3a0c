"""Data quality: what must hold for what a window wrote. Each check is a row of a file in ``include/sql/checks``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cdp_sync.sql_files import SqlRunner

ORDERS = "checks/orders"
"""Of the orders that a run wrote."""
REFRESH = "checks/refresh"
"""Of what a full refresh found, after it healed what it could."""


class ChecksFailed(Exception):
    """What was written does not hold. It stays written, as VTEX sent it: looking again changes nothing."""


def verify(db: SqlRunner, checks: Sequence[str], *, tenant: str, **parameters: Any) -> None:
    """
    Run checks, and name all that fail.

    :param checks: SQL files that answer a row (``name``, ``violations``, ``look``) for each check.
    :param parameters: of the run, ``tenant_id`` and ``batch_id`` among them.
    :raises ChecksFailed: with each failed check, how often, and the query that shows where.
    """
    failed = [row for name in checks for row in db.rows(name, **parameters) if row["violations"]]
    if failed:
        told = "; ".join(f"{row['name']}: {row['violations']} (look: {row['look']})" for row in failed)
        raise ChecksFailed(
            f"{tenant}: the data is merged, as VTEX sent it, and {len(failed)} of its checks failed. {told}"
        )
