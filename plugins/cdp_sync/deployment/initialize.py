"""
``python -m cdp_sync.deployment.initialize``: make what must stand before Airflow's components start. Safe to repeat.

Databases and schemas, the admin's password, pools and connections; and where there is a sandbox, its tenants.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from cdp_sync.deployment.databases import create_database, server_and_name
from cdp_sync.deployment.sandbox_tenants import add_sandbox_tenants
from cdp_sync.migrations import migrate
from cdp_sync.tenants import LOCAL_TZ


def main() -> None:
    """Initialise what the environment names (``docker-compose.yaml`` has it all)."""
    warehouse = os.environ["CDP_WAREHOUSE_DSN"]
    create_database(*server_and_name(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]))
    create_database(*server_and_name(warehouse), timezone=LOCAL_TZ)
    write_password()
    # Airflow's own command takes seconds, most of them imports: let it run beside ours.
    airflow = subprocess.Popen(["airflow", "db", "migrate"], stdin=subprocess.DEVNULL)  # noqa: S607 - of our PATH
    sys.stdout.write(f"CDP schema is at revision {migrate(warehouse)}\n")
    connections = []
    if sandbox := os.environ.get("CDP_SANDBOX_URL"):
        with psycopg.connect(warehouse) as connection:
            connections = add_sandbox_tenants(connection, sandbox)
    if airflow.wait():
        raise SystemExit("airflow db migrate failed; its messages are above")

    # Not above: Airflow takes a second to import, which would delay its own command.
    from airflow.utils.session import create_session

    from cdp_sync.deployment.airflow_metadata import add_connections, add_pools, warehouse_connection

    with create_session() as session:
        add_pools(session)
        add_connections(session, [warehouse_connection(warehouse), *connections])


def write_password() -> None:
    """Give Airflow's simple auth manager its one user."""
    file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
        json.dump({os.environ["CDP_ADMIN_USER"]: os.environ["CDP_ADMIN_PASSWORD"]}, target)


if __name__ == "__main__":
    main()
