"""Tenants and their runs, as the CDP database has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row, dict_row

from cdp_sync.sql_files import sql
from cdp_sync.tenants import LOCAL_TZ


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


class Customers(NamedTuple):
    """
    Progress of the customers of the active tenants.

    :param shops: tenants with customers.
    :param waiting: tenants with orders whose customers were never calculated.
    """

    shops: int
    customers: int
    waiting: int


def customers(dsn: str) -> Customers:
    """Return how far customers are calculated."""
    query = """
        select
            count(*) filter (where found.customers > 0) as shops,
            coalesce(sum(found.customers), 0)::integer as customers,
            count(*) filter (where found.waits) as waiting
        from cdp.tenants as tenant
        cross join lateral (
            select
                (select count(*) from cdp.customers as each where each.tenant_id = tenant.tenant_id) as customers,
                exists (select from cdp.order_events as known where known.tenant_id = tenant.tenant_id)
                and not exists (
                    select from cdp.customer_calculations as done
                    where done.tenant_id = tenant.tenant_id and done.counts ? 'advanced'
                ) as waits
        ) as found
        where tenant.is_active
    """
    with psycopg.connect(dsn, row_factory=class_row(Customers)) as connection:
        return connection.execute(query).fetchall()[0]


def counts(connection: psycopg.Connection[Any], batch_ids: Sequence[str]) -> dict[str, Counts]:
    """Return the counts in ``cdp.sync_runs`` of some runs, by batch id."""
    query = """
        select batch_id, status, coalesce(fetched, 0) as fetched, coalesce(inserted, 0) as inserted,
            coalesce(updated, 0) as updated,
            coalesce(requests, 0) as requests, coalesce(seconds, 0) as seconds, error
        from cdp.sync_runs where batch_id = any(%s)
    """
    with connection.cursor(row_factory=class_row(Counts)) as cursor:
        return {row.batch_id: row for row in cursor.execute(query, [list(batch_ids)])}


def stored(dsn: str) -> dict[str, int]:
    """Return the number of stored orders of each tenant, by slug."""
    query = """
        select slug, count(order_id) from cdp.tenants left join cdp.order_events using (tenant_id) group by slug
    """
    with psycopg.connect(dsn) as connection:
        return dict(connection.execute(query).fetchall())


@dataclass(frozen=True)
class Standing:
    """Tenant as ``make status`` shows it; times are in Argentina's zone."""

    tenant_name: str
    sync_enabled: bool
    last_sync_at: datetime | None
    sync_type: str | None
    result: str | None
    result_at: datetime | None
    reason: str | None
    failing: bool
    days_missing: Decimal
    freshness: str

    @property
    def status(self) -> str:
        """Freshness, unless the next sync will not happen or is likely to fail."""
        if not self.sync_enabled:
            return "sync is off"
        return "❌ Failing" if self.failing else self.freshness


def standings(dsn: str) -> list[Standing]:
    """Return how every active tenant stands, its freshness by the operators' own query."""
    with psycopg.connect(dsn, row_factory=dict_row, connect_timeout=5) as connection:
        connection.execute("select set_config('timezone', %s, false)", [LOCAL_TZ])
        fresh = connection.execute(sql("monitoring/requested/sync_status").encode()).fetchall()
        freshness = {row["tenant_name"]: row["status"] for row in fresh}
        rows = connection.execute(sql("monitoring/shops").encode())
        return [Standing(**row, freshness=freshness[row["tenant_name"]]) for row in rows]


def new_fields(dsn: str) -> list[tuple[str, int, list[str]]]:
    """Return the tenants whose documents have fields of late that nothing reads: name, how many, their paths."""
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        return connection.execute(sql("monitoring/new_fields").encode()).fetchall()
