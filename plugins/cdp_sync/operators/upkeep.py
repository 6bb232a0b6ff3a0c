"""Tasks of ``cdp_warehouse``."""

from __future__ import annotations

import logging
from typing import Any

from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk import Variable, task
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID, warehouse
from cdp_sync.migrations import migrate
from cdp_sync.operators.planning import ACTIVE
from cdp_sync.operators.staged_rows import delete_batch
from cdp_sync.tenants import REGISTRY_VARIABLE, read_rows, write_registry

log = logging.getLogger(__name__)
LOST = (
    "ended without a word: its task was killed, and Airflow does not run it any more; clear the run to go on where it "
    "was, or leave its orders to the next"
)


@task
def migrate_schema() -> str:
    """Migrate the schema; return its revision."""
    url = PostgresHook(postgres_conn_id=WAREHOUSE_CONN_ID).sqlalchemy_url
    return migrate(url.render_as_string(hide_password=False))


@task
def publish_tenants(*, dag_run: Any = None) -> list[str]:
    """Publish the tenants that can have DAGs; return one sentence for each row that cannot."""
    with warehouse() as db:
        tenants, complaints = read_rows(db.rows("tenants/all"), at=dag_run.run_after)
    registry = write_registry(tenants)
    if Variable.get(REGISTRY_VARIABLE, default=None) != registry:
        Variable.set(REGISTRY_VARIABLE, registry, description="Published by cdp_warehouse from cdp.tenants")
    return complaints


@task(retries=0)
def check_tenants(complaints: list[str]) -> None:
    """Fail, visibly to an operator, if a row of ``cdp.tenants`` cannot have DAGs."""
    if complaints:
        raise AirflowFailException(". ".join(complaints))


@task
def close_lost_runs(*, ti: Any = None) -> None:
    """
    Mark runs as failed that say they are running though Airflow does not run them; empty staging of runs that are over.

    A killed task cannot do so itself. A cleared run begins its row again, and its merge loads staging from landing.
    """
    with warehouse(autocommit=True) as db:
        for batch in db.rows("runs/unfinished"):
            dag_id, run_id, *_ = f"{batch['batch_id']}/".split("/")
            if ti.get_dr_count(dag_id=dag_id, run_ids=[run_id], states=ACTIVE):
                continue
            key = {"tenant_id": batch["tenant_id"], "batch_id": batch["batch_id"]}
            closed = db.run("runs/close_run", **key, error=LOST)
            delete_batch(db, **key)
            log.info("%s batch %s: %s", batch["slug"], batch["batch_id"], "closed" if closed else "staging emptied")
