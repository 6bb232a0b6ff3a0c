"""Tasks of ``cdp_warehouse``."""

from __future__ import annotations

from typing import Any

from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk import Variable, task
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID, warehouse
from cdp_sync.migrations import migrate
from cdp_sync.tenants import REGISTRY_VARIABLE, read_rows, write_registry


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
