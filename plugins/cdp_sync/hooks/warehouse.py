"""The CDP database: one connection, one transaction, statements from files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from airflow.providers.postgres.hooks.postgres import PostgresHook
from psycopg.rows import DictRow, dict_row

from cdp_sync.sql_files import sql

WAREHOUSE_CONN_ID = "cdp_warehouse"


class WarehouseUnavailable(Exception):
    """The database cannot be reached, or went away in mid-transaction, which then changed nothing."""


class Warehouse:
    """
    A transaction on the CDP database.

    :ivar connection: the psycopg connection, for COPY.
    """

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self.connection = connection

    def run(self, name: str, **parameters: Any) -> int:
        """Run a SQL file; return how many rows it touched."""
        return self.connection.execute(sql(name), parameters).rowcount

    def rows(self, name: str, **parameters: Any) -> list[DictRow]:
        """Run a SQL file; return its rows as dictionaries."""
        return self.connection.execute(sql(name), parameters).fetchall()

    def row(self, name: str, **parameters: Any) -> DictRow | None:
        """Run a SQL file; return its first row, None where it has none."""
        return self.connection.execute(sql(name), parameters).fetchone()

    def run_many(self, name: str, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Run a SQL file once for each set of parameters."""
        self.connection.cursor().executemany(sql(name), parameters)


@contextmanager
def warehouse(conn_id: str = WAREHOUSE_CONN_ID, *, autocommit: bool = False) -> Iterator[Warehouse]:
    """
    Open a transaction; commit it at the end, roll it back on any error.

    :param autocommit: each statement on its own instead, for readers that take minutes.
    :raises WarehouseUnavailable: if the database does not answer.
    """
    try:
        with PostgresHook(postgres_conn_id=conn_id).get_conn() as connection:
            connection.row_factory = dict_row
            connection.autocommit = autocommit
            yield Warehouse(connection)
    except psycopg.OperationalError as error:
        raise WarehouseUnavailable(
            f"warehouse connection {conn_id} does not answer ({type(error).__name__}); nothing was written"
        ) from error
