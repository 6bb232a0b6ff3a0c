"""Access to the CDP database: one connection, one transaction, statements from files."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg.types.json import set_json_dumps

from cdp_sync.hooks.connections import ConnectionUnreadable, confirm_missing
from cdp_sync.rows.merged_columns import MergedColumns
from cdp_sync.sql_files import sql

WAREHOUSE_CONN_ID = "cdp_warehouse"
LIMIT_EXCEEDED = "54"
"""SQLSTATE class of a row too large for an index and the like; the driver files it under a server that is away."""
ROW_AT_FAULT = ("22", "23", LIMIT_EXCEEDED)
"""SQLSTATE classes that a row's values bring about: data exceptions, violated constraints, exceeded limits."""


class WarehouseUnavailable(Exception):
    """
    The database cannot be reached, the connection broke, or Airflow could not read its own record of it.

    The text says whether anything was written.
    """


class WarehouseRefused(Exception):
    """
    The database refused a statement.

    The text says whether anything was written. It names the kind and place of the error, without the database's own
    message, which quotes values.
    """


class RowRefused(WarehouseRefused):
    """The database, or its driver, does not take a row's values."""


class Warehouse:
    """Connection to the CDP database: one transaction, or a transaction for each statement."""

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self._connection = connection
        self._types: dict[str, list[str]] = {}

    def run(self, name: str, columns: MergedColumns | None = None, /, **parameters: Any) -> int:
        """Run a SQL file; return the number of rows it touched. :param columns: fills its column lists."""
        return self._execute(name, columns, parameters).rowcount

    def rows(self, name: str, columns: MergedColumns | None = None, /, **parameters: Any) -> list[DictRow]:
        """Run a SQL file; return its rows as dictionaries. :param columns: fills its column lists."""
        return self._execute(name, columns, parameters).fetchall()

    def row(self, name: str, **parameters: Any) -> DictRow | None:
        """Run a SQL file; return its first row, None if it has none."""
        return self._execute(name, None, parameters).fetchone()

    def tuples(self, name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run a SQL file; return its rows as tuples, sent in binary, which is quicker for large values."""
        with self._connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return cursor.execute(sql(name), parameters).fetchall()

    def chunks(self, name: str, size: int, /, **parameters: Any) -> Iterator[list[tuple[Any, ...]]]:
        """Run a SQL file in a transaction; yield its rows, so many at a time, as binary tuples."""
        # A cursor is planned for its first tenth otherwise, which for an aggregate of everything is a slow plan.
        self._connection.execute("set local cursor_tuple_fraction = 1")
        with self._connection.cursor("chunks", row_factory=tuple_row) as cursor:
            cursor.execute(sql(name), parameters, binary=True)
            while rows := cursor.fetchmany(size):
                yield rows

    def _execute(
        self, name: str, columns: MergedColumns | None, parameters: Mapping[str, Any]
    ) -> psycopg.Cursor[DictRow]:
        statement = sql(name) if columns is None else columns.fill(sql(name))
        return self._connection.execute(statement, parameters)

    def run_many(self, name: str, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Run a SQL file once for each set of parameters."""
        self._connection.cursor().executemany(sql(name), parameters)

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> int:
        """
        COPY rows into a table, in binary; return their number.

        Binary sends a document as received; text would escape it and PostgreSQL unescape it. A column of ``jsonb``
        takes JSON text, as bytes.

        :param table: ``schema.table``, a trusted name: it is not escaped.
        """
        schema_name, table_name = table.split(".")
        if (types := self._types.get(table)) is None:
            place = {"schema_name": schema_name, "table_name": table_name, "columns": list(columns)}
            types = self._types[table] = [row["type"] for row in self.rows("staging/column_types", **place)]
        statement = f"copy {table} ({', '.join(columns)}) from stdin (format binary)"
        with self._connection.cursor() as cursor:
            set_json_dumps(bytes, cursor)
            with cursor.copy(statement) as copy:
                copy.set_types(types)
                for row in rows:
                    try:
                        copy.write_row(row)
                    except (psycopg.DataError, ArithmeticError, ValueError, struct.error) as error:
                        raise RowRefused(f"{table}: the driver does not take it ({type(error).__name__})") from None
            return cursor.rowcount

    def transaction(self) -> AbstractContextManager[Any]:
        """Open a transaction on a connection that commits each statement on its own."""
        return self._connection.transaction()

    @contextmanager
    def savepoint(self, *, keep: bool = True) -> Iterator[None]:
        """
        Open a savepoint in a transaction that has begun, so that a refused row does not end it.

        :param keep: False to undo what is written, for a trial.
        :raises RowRefused: if a row's values are refused; what was written since the savepoint is undone.
        """
        try:
            with self._connection.transaction(force_rollback=not keep):
                yield
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in ROW_AT_FAULT:
                raise
            raise RowRefused(_kind_and_place(error)) from None


@contextmanager
def warehouse(conn_id: str = WAREHOUSE_CONN_ID, *, autocommit: bool = False) -> Iterator[Warehouse]:
    """
    Open a transaction; commit it at the end, roll it back on any error.

    :param autocommit: commit each statement on its own instead, for tasks that take minutes.
    :raises WarehouseUnavailable: if the database does not answer.
    :raises WarehouseRefused: if it refuses a statement.
    :raises AirflowFailException: if the connection does not exist.
    """
    left = "what earlier statements wrote stays" if autocommit else "nothing was written"
    try:
        with _connect(conn_id) as connection:
            connection.row_factory = dict_row
            connection.autocommit = autocommit
            yield Warehouse(connection)
    except psycopg.Error as error:
        if isinstance(error, psycopg.OperationalError) and not (error.sqlstate or "").startswith(LIMIT_EXCEEDED):
            raise WarehouseUnavailable(
                f"warehouse connection {conn_id} does not answer ({type(error).__name__}); {left}; "
                "Airflow retries and does the rest again"
            ) from error
        raise WarehouseRefused(
            f"warehouse connection {conn_id} refused a statement: {_kind_and_place(error)}; {left}"
        ) from None


def _connect(conn_id: str) -> Any:
    try:
        return PostgresHook(postgres_conn_id=conn_id).get_conn()
    except AirflowNotFoundException:
        try:
            confirm_missing(conn_id)
        except ConnectionUnreadable as outage:
            raise WarehouseUnavailable(f"warehouse {outage}; nothing was written") from outage
        raise AirflowFailException(
            f"warehouse connection {conn_id} does not exist; create it, see docs/deployment.md"
        ) from None


def _kind_and_place(error: psycopg.Error) -> str:
    place = ".".join(filter(None, (error.diag.schema_name, error.diag.table_name, error.diag.column_name)))
    # Class 42 concerns names and rights, so its messages quote no values. A missing schema is in it.
    words = error.diag.message_primary if (error.sqlstate or "").startswith("42") else error.diag.constraint_name
    where = "; ".join(filter(None, (f"SQLSTATE {error.sqlstate}", place, words)))
    return f"{type(error).__name__} ({where})"
