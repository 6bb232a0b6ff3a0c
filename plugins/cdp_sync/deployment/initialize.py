"""
``python -m cdp_sync.deployment.initialize``: everything that must stand before Airflow's components start. Safe to repeat.

Databases and schemas, the sandbox's tenants, the admin's password, and in Airflow's metadata database the
pools and connections. A pool or connection that is there is left as its owner edited it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

from local.environment import LOCAL_TZ, METADATA_DATABASE, POOLS, WAREHOUSE_DATABASE
from local.places import PROJECT
from local.postgres import create_database

SEED = PROJECT / "include" / "sql" / "tenants" / "seed_sandbox.sql"


def main() -> None:
    """Initialise what the environment describes (see ``environment.settings``)."""
    warehouse = os.environ["CDP_WAREHOUSE_DSN"]
    server = f"{warehouse.rsplit('/', 1)[0]}/postgres"
    create_database(server, METADATA_DATABASE)
    create_database(server, WAREHOUSE_DATABASE, timezone=LOCAL_TZ)
    write_password()
    # Airflow's own command takes seconds, most of them imports: let it run beside ours.
    airflow = subprocess.Popen(["airflow", "db", "migrate"], stdin=subprocess.DEVNULL)
    subprocess.run(["python", "-m", "cdp_sync.migrations", "--dsn", warehouse], check=True)
    with psycopg.connect(warehouse) as connection:
        if sandbox := os.environ.get("CDP_SANDBOX_URL"):
            connection.execute(SEED.read_bytes())
        shops = connection.execute("select slug, vtex_account from cdp.tenants").fetchall()
    if airflow.wait():
        raise SystemExit("airflow db migrate failed; its messages are above")
    fill_metadata(warehouse, sandbox, shops)


def write_password() -> None:
    """Give Airflow's simple auth manager its one user."""
    file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
        json.dump({os.environ["CDP_ADMIN_USER"]: os.environ["CDP_ADMIN_PASSWORD"]}, target)


def fill_metadata(warehouse: str, sandbox: str | None, shops: Iterable[tuple[str, str]]) -> None:
    """
    Create the pools and connections that are missing.

    A connection of ours that points at this machine follows when a port had to move.

    :param shops: slug and VTEX account of each tenant.
    """
    from airflow.models.connection import Connection
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        pools = set(session.scalars(select(Pool.pool)))
        for sync_type, (name, slots) in POOLS.items():
            if name not in pools:
                description = f"{sync_type.capitalize()} syncs"
                session.add(Pool(pool=name, slots=slots, description=description, include_deferred=False))
        present = {connection.conn_id: connection for connection in session.scalars(select(Connection))}
        for wanted in [_warehouse_connection(warehouse), *_shop_connections(sandbox, shops)]:
            known = present.get(wanted["conn_id"])
            if known is None:
                session.add(Connection(**wanted))
            elif known.description == wanted["description"]:  # ours, not one somebody made of it
                known.host, known.port = wanted["host"], wanted.get("port")


def _warehouse_connection(dsn: str) -> dict[str, Any]:
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


def _shop_connections(sandbox: str | None, shops: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    if not sandbox:
        return []
    return [
        {
            "conn_id": f"vtex_{slug}",
            "conn_type": "http",
            "description": "A shop of the VTEX sandbox",
            "host": f"{sandbox}/{account}",
            "login": f"vtexappkey-{account}-SANDBX",
            "password": f"sandbox-token-{account}",
            "extra": json.dumps({"hook_secret": f"sandbox-hook-{account}"}),
        }
        for slug, account in shops
    ]


if __name__ == "__main__":
    main()
