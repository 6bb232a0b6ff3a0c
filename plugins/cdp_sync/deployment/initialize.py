"""
``python -m cdp_sync.deployment.initialize``: prepare a deployment before Airflow's components start. Safe to repeat.

Creates databases and schemas, the admin's password, pools and connections; if there is a sandbox, its tenants.
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
    """Initialise the deployment described by the environment; ``docker-compose.yaml`` lists the variables."""
    warehouse = os.environ["CDP_WAREHOUSE_DSN"]
    create_database(*server_and_name(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]))
    create_database(*server_and_name(warehouse), timezone=LOCAL_TZ)
    write_password()
    # Airflow's own command takes seconds, most of them imports: run it beside ours.
    airflow = subprocess.Popen(["airflow", "db", "migrate"], stdin=subprocess.DEVNULL)  # noqa: S607 - of our PATH
    sys.stdout.write(f"CDP schema is at revision {migrate(warehouse)}\n")
    connections = []
    if sandbox := os.environ.get("CDP_SANDBOX_URL"):
        with psycopg.connect(warehouse) as connection:
            connections = add_sandbox_tenants(connection, sandbox)
    if airflow.wait():
        raise SystemExit("airflow db migrate failed; its messages are above")

    # Not at the top: Airflow takes a second to import, which would delay its own command.
    from airflow.utils.session import create_session

    from cdp_sync.deployment.airflow_metadata import add_connections, add_pools, warehouse_connection

    with create_session() as session:
        add_pools(session)
        add_connections(session, [warehouse_connection(warehouse), *connections])


def write_password() -> None:
    """Write the admin's password for Airflow's simple auth manager."""
    file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
        json.dump({os.environ["CDP_ADMIN_USER"]: os.environ["CDP_ADMIN_PASSWORD"]}, target)


if __name__ == "__main__":
    main()
