"""Tables and functions, from PostgreSQL's catalogue."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row


@dataclass
class Table:
    """
    A table or a view.

    :param name: with its schema.
    :param columns: rows of ``columns.sql``, in their order.
    :param constraints: rows of ``constraints.sql``, by kind: p(rimary), u(nique), f(oreign), c(heck), i(ndex).
    """

    name: str
    comment: str
    columns: list[DictRow] = field(default_factory=list)
    constraints: dict[str, list[DictRow]] = field(default_factory=lambda: defaultdict(list))

    @property
    def key(self) -> list[str]:
        """Columns of its primary key; none of a view."""
        return [column for primary in self.constraints["p"] for column in primary["columns"]]

    def has(self, column: str) -> bool:
        return any(row["column_name"] == column for row in self.columns)


def read_tables(db: psycopg.Connection[Any]) -> dict[str, Table]:
    """Return the tables of ``cdp`` and ``staging``, by name."""
    tables = {row["table_name"]: Table(row["table_name"], row["comment"]) for row in _rows(db, "tables")}
    for row in _rows(db, "columns"):
        tables[row["table_name"]].columns.append(row)
    for row in _rows(db, "constraints"):
        tables[row["table_name"]].constraints[row["kind"]].append(row)
    return tables


def read_functions(db: psycopg.Connection[Any]) -> list[DictRow]:
    """Return the rows of ``functions.sql``."""
    return _rows(db, "functions")


def _rows(db: psycopg.Connection[Any], name: str) -> list[DictRow]:
    text = (Path(__file__).parent / f"{name}.sql").read_text()
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text.encode()).fetchall()
