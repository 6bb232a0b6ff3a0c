"""Builds every per-tenant DAG."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.providers.common.sql.operators.sql import SQLColumnCheckOperator, SQLTableCheckOperator
from airflow.sdk import DAG, Asset, Param, TaskGroup, Variable
from airflow.timetables.interval import CronDataIntervalTimetable

from cdp_sync.assets import orders_asset_name, orders_asset_uri
from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID
from cdp_sync.operators.fetch import VtexFetchOrdersOperator
from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.operators.planning import PlanIncrementalOperator
from cdp_sync.operators.staging import StagingLoadOperator
from cdp_sync.quality import COLUMN_CHECKS, TABLE_CHECKS
from cdp_sync.settings import landing_url, pool
from cdp_sync.tenants import LOCAL_TZ, REGISTRY_VARIABLE, Tenant, read_registry

START_DATE = datetime(2024, 1, 1)
"""Fixed, and before any run one may ask for: a run dated earlier would end green without a task."""
PRIORITY = {"incremental": 40, "feed": 30, "full": 20, "historical": 10}
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "cdp",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(hours=2),
}
WINDOW_FORM = {
    "window_start": Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="Window start",
        description="First instant to look at. Empty: the run's own window, 24 hours or since the last sync.",
    ),
    "window_end": Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="Window end",
        description="First instant after the window. Empty: five minutes before the run.",
    ),
    "force_refetch": Param(
        False,
        type="boolean",
        title="Force refetch",
        description="Read every order of the window again, also those VTEX shows unchanged.",
    ),
}


def registered_tenants() -> list[Tenant]:
    """Tenants of the registry that ``cdp_warehouse`` publishes; none before its first run."""
    return read_registry(Variable.get(REGISTRY_VARIABLE, default="[]"))


def orders_asset(tenant: Tenant) -> Asset:
    """The asset a merge of the tenant's orders updates."""
    return Asset(name=orders_asset_name(tenant), uri=orders_asset_uri(tenant), group="cdp_orders")


def build_orders_dag(tenant: Tenant, *, doc_md: str | None) -> DAG:
    """``cdp_orders__<slug>``: the incremental sync of one tenant."""
    with DAG(
        tenant.orders_dag_id,
        dag_display_name=f"Orders · {tenant.tenant_name}",
        description=f"New and updated orders of {tenant.tenant_name}, every {tenant.sync_frequency_hours} hours",
        schedule=CronDataIntervalTimetable(tenant.orders_cron, timezone=LOCAL_TZ),
        start_date=START_DATE,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # a row in cdp.tenants is the decision to sync
        default_args=DEFAULT_ARGS,
        params=WINDOW_FORM,
        tags=["cdp", "orders", "incremental", f"tenant:{tenant.slug}"],
        doc_md=doc_md,
    ) as dag:
        plan = PlanIncrementalOperator(
            task_id="plan",
            tenant_id=tenant.tenant_id,
            tenant=tenant.slug,
            window_start="{{ params.window_start or '' }}",
            window_end="{{ params.window_end or '' }}",
            **_slot("incremental"),
        )
        window = "{{ ti.xcom_pull(task_ids='plan')['%s'] }}"
        plan >> sync_window(
            tenant,
            sync_type="incremental",
            window_start=window % "window_start",
            window_end=window % "window_end",
            listed_from=window % "listed_from",
            asked_at=window % "asked_at",
            force_refetch="{{ params.force_refetch }}",
        )
    return dag


def sync_window(
    tenant: Tenant,
    *,
    sync_type: str,
    window_start: str,
    window_end: str,
    listed_from: str = "",
    asked_at: str = "",
    force_refetch: str | bool = False,
) -> TaskGroup:
    """
    The tasks of one window, the same for every sync type: fetch, stage, merge, verify.

    :param sync_type: decides rate, page size, pool and priority.
    :param window_start: ISO 8601, or a template of it; so the other bounds.
    """
    shared: dict[str, Any] = {
        "tenant_id": tenant.tenant_id, "tenant": tenant.slug, "sync_type": sync_type, **_slot(sync_type)
    }  # fmt: skip
    with TaskGroup("sync_window", prefix_group_id=False) as group:
        fetch = VtexFetchOrdersOperator(
            task_id="fetch",
            window_start=window_start,
            window_end=window_end,
            listed_from=listed_from,
            asked_at=asked_at,
            force_refetch=force_refetch,
            landing_url=landing_url(),
            vtex_conn_id=tenant.vtex_conn_id,
            **shared,
        )
        stage = StagingLoadOperator(task_id="stage", manifest=_result("fetch", "manifest"), **shared)
        merge = MergeOrdersOperator(
            task_id="merge",
            manifest=_result("stage", "manifest"),
            staged=_result("stage", "staged"),
            rejected=_result("stage", "rejected"),
            asked_at=asked_at,
            outlets=[orders_asset(tenant)],
            **shared,
        )
        written = f"tenant_id = {tenant.tenant_id} and sync_run_id = {_result('merge', 'sync_run_id')}"
        checks: dict[str, Any] = {
            "conn_id": WAREHOUSE_CONN_ID,
            "table": "cdp.order_events",
            "partition_clause": written,
            "retries": 0,  # what a window wrote does not change by looking again
            **_slot(sync_type),
        }
        (
            fetch
            >> stage
            >> merge
            >> [
                SQLColumnCheckOperator(task_id="verify_columns", column_mapping=COLUMN_CHECKS, **checks),
                SQLTableCheckOperator(task_id="verify_orders", checks=TABLE_CHECKS, **checks),
            ]
        )
    return group


def _result(task_id: str, key: str) -> str:
    return f"{{{{ ti.xcom_pull(task_ids='{task_id}')['{key}'] }}}}"


def _slot(sync_type: str) -> dict[str, Any]:
    """Where a task waits for its turn: priority, and a pool where the deployment has one."""
    slot: dict[str, Any] = {"priority_weight": PRIORITY[sync_type], "weight_rule": "absolute"}
    if name := pool(sync_type):
        slot["pool"] = name
    return slot
