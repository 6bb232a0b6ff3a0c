"""The executor of docker-compose.yaml: Celery, Redis and two workers, otherwise the local stack."""

import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local import ports, tenant_status
from local.environment import METADATA_DATABASE
from local.places import Places
from local.stack import Stack
from local.sync import APPEARANCE, WAREHOUSE_DAG, run_once, sync_all
from tests.e2e.conftest import free_ports

pytestmark = pytest.mark.timeout(600)

WORKERS = ("worker-1", "worker-2")


@pytest.fixture
def redis():
    """Port of a Redis started for the test."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server on this machine (Debian: apt-get install redis-server)")
    port = str(next(free_ports()))
    command = [program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
    yield port
    server.terminate()
    server.wait()


@pytest.fixture
def cluster(redis):
    """The local stack's components with Celery's settings, and two workers."""
    state = Path(tempfile.mkdtemp(prefix="cdp-celery-"))
    free = free_ports()
    ports.remember(state / "stack.json", dict(zip(ports.USUAL, free, strict=False)))
    cluster = Stack(Places(state), say=lambda text: None)
    metadata = cluster.postgres.dsn(cluster.ports["postgres"], METADATA_DATABASE)
    environment = cluster.environment | {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{redis}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": metadata.replace("postgresql:", "db+postgresql+psycopg2:"),
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "6",
    }
    if os.geteuid() == 0:
        environment["C_FORCE_ROOT"] = "1"  # Celery refuses root; in the container it is not root
    cluster.environment = environment
    try:
        cluster.api = cluster.up()
        for name in WORKERS:
            own = {"AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(next(free))}  # two on one machine, here only
            command = ["airflow", "celery", "worker", "--celery-hostname", f"{name}@%h"]
            cluster.processes.start(name, command, environment | own)
        yield cluster
        cluster.api.close()
    finally:
        cluster.processes.stop(WORKERS)
        cluster.down()
        cluster.postgres.remove()
        shutil.rmtree(state, ignore_errors=True)


def test_two_celery_workers_sync_every_shop(cluster):
    since = datetime(2000, 1, 1, tzinfo=UTC)
    run_once(cluster.api, WAREHOUSE_DAG, since=since, seconds=APPEARANCE)
    shops = tenant_status.shops(cluster.warehouse_dsn)

    tenants = sync_all(cluster.api, cluster.warehouse_dsn, shops, since=since, seconds=240, show=lambda now: None)

    assert [t.failure for t in tenants if not t.synced] == []
    assert len(tenants) == 11
    for name in WORKERS:
        assert re.search(r"execute_workload\S* received", cluster.processes.log(name).read_text()), (
            f"{name} had no task"
        )
