"""Tenants and their runs, as the CDP database has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from cdp_sync.sql_files import sql


@dataclass(frozen=True)
class Shop:
    """A tenant as ``make up`` shows it."""

    tenant_name: str
    slug: str
    sync_enabled: bool

    @property
    def dag_id(self) -> str:
        return f"cdp_orders__{self.slug}"


@dataclass(frozen=True)
class Counts:
    """Counts of a run so far; all are 0 before its merge."""

    batch_id: str
    status: str
    orders: int
    fetched: int
    inserted: int
    updated: int
    requests: int
    seconds: Decimal
    error: str | None


def shops(dsn: str) -> list[Shop]:
    """Return the active tenants, sorted by name."""
    query = "select tenant_name, slug, sync_enabled from cdp.tenants where is_active order by tenant_name"
    with psycopg.connect(dsn, row_factory=class_row(Shop)) as connection:
        return connection.execute(query).fetchall()


def counts(connection: psycopg.Connection[Any], batch_ids: Sequence[str]) -> dict[str, Counts]:
    """Return the counts in ``cdp.sync_runs`` of some runs, by batch id."""
    query = """
        select batch_id, status, coalesce(listed, 0) as orders, coalesce(fetched, 0) as fetched,
            coalesce(inserted, 0) as inserted, coalesce(updated, 0) as updated,
            coalesce(requests, 0) as requests, coalesce(seconds, 0) as seconds, error
        from cdp.sync_runs where batch_id = any(%s)
    """
    with connection.cursor(row_factory=class_row(Counts)) as cursor:
        return {row.batch_id: row for row in cursor.execute(query, [list(batch_ids)])}


def freshness(dsn: str) -> list[dict[str, Any]]:
    """Return the rows of the operators' own sync status query, unchanged."""
    with psycopg.connect(dsn, row_factory=dict_row, connect_timeout=5) as connection:
        rows = connection.execute(sql("monitoring/requested/sync_status").encode())
        return sorted(rows, key=lambda row: str(row["tenant_name"]))
