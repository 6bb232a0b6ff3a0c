"""Creation of databases on a PostgreSQL server."""

from __future__ import annotations

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url


def server_and_name(dsn: str) -> tuple[str, str]:
    """
    Return the DSN of the server's database ``postgres``, and the name of the DSN's own database.

    :param dsn: ``postgresql://…``, of any driver.
    """
    url = make_url(dsn).set(drivername="postgresql")
    return url.set(database="postgres").render_as_string(hide_password=False), url.database or ""


def create_database(server: str, name: str, *, template: str | None = None, timezone: str | None = None) -> bool:
    """
    Create a database unless it exists.

    :param server: DSN of any other database of the server.
    :param template: database to copy; it must have no connections.
    :param timezone: time zone of its sessions; a template's is not copied.
    :return: True if it was created.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        if connection.execute("select from pg_database where datname = %s", [name]).rowcount:
            return False
        copied = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)) + copied)
        if timezone:
            zone = sql.SQL("alter database {} set timezone = {}").format(sql.Identifier(name), sql.Literal(timezone))
            connection.execute(zone)
    return True
