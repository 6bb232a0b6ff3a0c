"""
Pools and connections in Airflow's metadata database.

Existing ones keep the edits of their owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from airflow.models.connection import Connection
from airflow.models.pool import Pool
from sqlalchemy import select
from sqlalchemy.orm import Session

from cdp_sync.sync_types import SYNC_TYPES


def add_pools(session: Session) -> None:
    """Create the missing pool of each sync type."""
    present = set(session.scalars(select(Pool.pool)))
    for sync_type in SYNC_TYPES.values():
        if sync_type.pool not in present:
            description = f"{sync_type.name.capitalize()} syncs"
            session.add(
                Pool(pool=sync_type.pool, slots=sync_type.pool_slots, description=description, include_deferred=False)
            )


def add_connections(session: Session, wanted: Iterable[dict[str, Any]]) -> None:
    """
    Create missing connections.

    An existing one with our description gets the new host and port, in case its server moved.

    :param wanted: arguments of Airflow's ``Connection``.
    """
    present = {connection.conn_id: connection for connection in session.scalars(select(Connection))}
    for connection in wanted:
        known = present.get(connection["conn_id"])
        if known is None:
            session.add(Connection(**connection))
        elif known.description == connection["description"]:
            known.host, known.port = connection["host"], connection.get("port")


def warehouse_connection(dsn: str) -> dict[str, Any]:
    """Return the connection ``cdp_warehouse`` of a ``postgresql://…`` DSN."""
    url = urlsplit(dsn)
    return {
        "conn_id": "cdp_warehouse",
        "conn_type": "postgres",
        "description": "The CDP database",
        "host": url.hostname,
        "port": url.port,
        "login": url.username,
        "password": unquote(url.password or ""),
        "schema": url.path.lstrip("/"),
    }
