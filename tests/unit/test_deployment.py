"""Preparation of a deployment before Airflow starts, and its health checks afterwards."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg
import pytest
from airflow.models.connection import Connection
from airflow.models.pool import Pool
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from cdp_sync.deployment import health, initialize
from cdp_sync.deployment.airflow_metadata import add_connections, add_pools, warehouse_connection
from cdp_sync.deployment.databases import server_and_name
from cdp_sync.deployment.sandbox_tenants import add_sandbox_tenants
from cdp_sync.sync_types import SYNC_TYPES

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


def test_a_connection_is_taken_apart_like_its_dsn():
    connection = warehouse_connection("postgresql://postgres:s%40crt@127.0.0.1:54320/cdp")

    assert {key: connection[key] for key in ("host", "port", "login", "password", "schema")} == {
        "host": "127.0.0.1", "port": 54320, "login": "postgres", "password": "s@crt", "schema": "cdp",
    }  # fmt: skip


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg2"])
def test_a_dsn_is_split_into_its_server_and_its_database(driver):
    server, name = server_and_name(f"{driver}://postgres:s%40crt@127.0.0.1:54320/cdp")

    assert (server, name) == ("postgresql://postgres:s%40crt@127.0.0.1:54320/postgres", "cdp")


SANDBOX = "http://127.0.0.1:8085"


def test_a_sandbox_brings_its_eleven_shops_and_their_connections(dsn):
    with psycopg.connect(dsn) as connection:
        wanted = add_sandbox_tenants(connection, SANDBOX)

    assert len(wanted) == 11
    (seven_sport,) = (connection for connection in wanted if connection["conn_id"] == "vtex_seven_sport")
    assert seven_sport["host"] == f"{SANDBOX}/sevensport"
    assert json.loads(seven_sport["extra"]) == {"hook_secret": "sandbox-hook-sevensport"}


def test_a_shop_that_is_there_is_left_as_it_is(dsn):
    with psycopg.connect(dsn) as connection:
        add_sandbox_tenants(connection, SANDBOX)
        connection.execute("update cdp.tenants set sync_enabled = false where slug = 'ferreira'")

        add_sandbox_tenants(connection, SANDBOX)

        off = connection.execute("select slug from cdp.tenants where not sync_enabled").fetchall()
    assert off == [("ferreira",)]


@pytest.fixture
def metadata():
    """A session on an Airflow metadata database without pools and connections."""
    engine = create_engine("sqlite://")
    for model in (Pool, Connection):
        model.__table__.create(engine)
    with Session(engine) as session:
        yield session


def test_every_sync_type_has_a_pool_and_one_that_was_resized_stays_so(metadata):
    add_pools(metadata)
    metadata.scalars(select(Pool).where(Pool.pool == "cdp_full")).one().slots = 99

    add_pools(metadata)

    expected = {t.pool: t.pool_slots for t in SYNC_TYPES.values()} | {"cdp_full": 99}
    assert {pool.pool: pool.slots for pool in metadata.scalars(select(Pool))} == expected


WAREHOUSE = "postgresql://postgres:secret@127.0.0.1:{}/cdp"


def test_our_connection_follows_its_server_to_another_port(metadata):
    add_connections(metadata, [warehouse_connection(WAREHOUSE.format(1))])

    add_connections(metadata, [warehouse_connection(WAREHOUSE.format(2))])

    assert [connection.port for connection in metadata.scalars(select(Connection))] == [2]


def test_a_connection_somebody_made_their_own_is_left_alone(metadata):
    add_connections(metadata, [warehouse_connection(WAREHOUSE.format(1))])
    metadata.scalars(select(Connection)).one().description = "Our own database"

    add_connections(metadata, [warehouse_connection(WAREHOUSE.format(2))])

    assert [connection.port for connection in metadata.scalars(select(Connection))] == [1]


def test_the_password_is_for_its_owner_only(tmp_path, monkeypatch):
    file = tmp_path / "new" / "passwords.json"
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(file))
    monkeypatch.setenv("CDP_ADMIN_USER", "admin")
    monkeypatch.setenv("CDP_ADMIN_PASSWORD", "secret")

    initialize.write_password()

    assert json.loads(file.read_text()) == {"admin": "secret"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_initialising_imports_airflow_only_once_its_own_command_runs():
    code = "import sys, cdp_sync.deployment.initialize; sys.exit('airflow' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(PLUGINS)})


@pytest.fixture
def airflow_health():
    """An API server that reports a healthy scheduler and no triggerer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"scheduler": {"status": "healthy"}, "triggerer": {"status": null}}')

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_container_is_healthy_where_airflow_says_so(airflow_health, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"{airflow_health}/execution/")

    assert [health.main(part) for part in ("scheduler", "triggerer", "dag_processor", airflow_health)] == [0, 1, 1, 0]


def test_a_container_is_unhealthy_where_nothing_answers(monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:9/execution/")

    assert health.main("scheduler") == 1
