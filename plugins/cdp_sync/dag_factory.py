"""Build the DAGs of every tenant; define what all DAGs share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from airflow.sdk import DAG, AssetOrTimeSchedule, Param, Variable, chain, task_group
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable

from cdp_sync.forms import CUSTOMERS_FORM, HISTORY_FORM, ORDERS_FORM
from cdp_sync.operators.customers.step import LAST, STEPS, CustomerStepOperator, customers_asset
from cdp_sync.operators.plan_history import plan_history
from cdp_sync.operators.plan_incremental import plan_incremental
from cdp_sync.operators.window_task import orders_asset
from cdp_sync.sync_types import HISTORICAL, INCREMENTAL
from cdp_sync.sync_window import slot, sync_window
from cdp_sync.tenants import LOCAL_TZ, REGISTRY_VARIABLE, Tenant, read_registry

START_DATE = datetime(2024, 1, 1)
"""Fixed, and before any run one may ask for: an earlier run would succeed without running a task."""
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "cdp",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(hours=2),
}
COMMON: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "is_paused_upon_creation": False,  # a row in cdp.tenants is the decision to sync
    "default_args": DEFAULT_ARGS,
}
"""Arguments of every DAG."""
SMALL_AND_URGENT: dict[str, Any] = {"default_args": DEFAULT_ARGS | {"priority_weight": 100, "weight_rule": "absolute"}}
"""Arguments of DAGs of a few quick tasks that all others depend on: they go before any shop's orders."""
EVERY_FEW_MINUTES: dict[str, Any] = {
    "default_args": DEFAULT_ARGS
    | {"retries": 1, "retry_delay": timedelta(seconds=10), "execution_timeout": timedelta(minutes=10)}
}
"""Arguments of a DAG whose next run is minutes away: a failing shop must not delay it for the others."""
WINDOWS_AT_ONCE = 2
"""Historical windows of a tenant fetched at once: requests continue while one window ends and the next begins."""


def at_night(cron: str) -> CronTriggerTimetable:
    """
    Return a schedule, in Argentina time, that does not start a run as soon as it is deployed.

    Its DAG must have no start_date: Airflow ignores ``run_immediately`` with one. ``timedelta(0)``, because with False
    Airflow still starts a run that was due less than a tenth of the interval ago.
    """
    return CronTriggerTimetable(cron, timezone=LOCAL_TZ, run_immediately=timedelta(0))


def registered_tenants() -> list[Tenant]:
    """Return the tenants of the registry that ``cdp_warehouse`` publishes; none before its first run."""
    return read_registry(Variable.get(REGISTRY_VARIABLE, default="[]"))


def build_orders_dag(tenant: Tenant, *, doc_md: str | None) -> DAG:
    """Build ``cdp_orders__<slug>``, the incremental sync of one tenant."""
    with _tenant_dag(
        tenant.orders_dag_id,
        ORDERS_FORM,
        dag_display_name=f"Orders · {tenant.tenant_name}",
        description=f"New and updated orders of {tenant.tenant_name}, every {tenant.sync_frequency_hours} hours",
        schedule=_in_argentina(tenant.orders_cron),
        tags=["cdp", "orders", "incremental", f"tenant:{tenant.slug}"],
        doc_md=doc_md,
    ) as dag:
        sync_window(
            {"tenant_id": tenant.tenant_id, "tenant": tenant.slug},
            sync_type=INCREMENTAL,
            plan=plan_incremental,
            outlet=orders_asset(tenant.slug),
        )
    return dag


def build_history_dag(tenant: Tenant, *, doc_md: str | None) -> DAG:
    """Build ``cdp_history__<slug>``, which fills the gaps of one tenant."""
    with _tenant_dag(
        tenant.history_dag_id,
        HISTORY_FORM,
        dag_display_name=f"Past orders · {tenant.tenant_name}",
        description=f"Orders of {tenant.tenant_name} from time that was never synced, a week at a time",
        schedule=None,
        tags=["cdp", "history", "historical", f"tenant:{tenant.slug}"],
        doc_md=doc_md,
    ) as dag:

        @task_group(group_id="sync_window", prefix_group_id=False)
        def windows(window: Any) -> None:
            sync_window(
                window,
                sync_type=HISTORICAL,
                outlet=orders_asset(tenant.slug),
                windows_at_once=WINDOWS_AT_ONCE,
            )

        plan = plan_history.override(task_id="plan", **slot(HISTORICAL))
        windows.expand(window=plan(tenant.tenant_id, tenant.slug))
    return dag


def build_customers_dag(tenant: Tenant, *, doc_md: str | None) -> DAG:
    """Build ``cdp_customers__<slug>``: a tenant's customers, after each sync; all of them at night."""
    nightly: Any = at_night(f"{tenant.tenant_id % 60} 4 * * *")  # not all shops in one minute
    with _tenant_dag(
        tenant.customers_dag_id,
        CUSTOMERS_FORM,
        dag_display_name=f"Profiles · {tenant.tenant_name}",
        description=f"Who the customers of {tenant.tenant_name} are, and what is known of each, after every sync",
        schedule=AssetOrTimeSchedule(timetable=nightly, assets=[orders_asset(tenant.slug)]),
        start_date=None,
        tags=["cdp", "customers", f"tenant:{tenant.slug}"],
        doc_md=doc_md,
    ) as dag:
        steps = [
            CustomerStepOperator(
                step=step,
                tenant=tenant.slug,
                tenant_id=tenant.tenant_id,
                outlets=[customers_asset(tenant.slug)] if step == LAST else [],
                priority_weight=1,
                weight_rule="absolute",  # after every sync
            )
            for step in STEPS
        ]
        chain(*steps)
    return dag


@contextmanager
def _tenant_dag(
    dag_id: str,
    form: Mapping[str, Param],
    *,
    schedule: Any,
    start_date: datetime | None = START_DATE,
    **about: Any,
) -> Iterator[DAG]:
    """
    Open a tenant's DAG; keep a thousand of them quick to parse.

    The form is added after the tasks: otherwise Airflow gives each task a copy, and validates and compares every copy
    when it serializes the task. That is most of a DAG's cost in the DAG processor.
    """
    with DAG(dag_id, schedule=schedule, start_date=start_date, **about, **COMMON) as dag:
        yield dag
    dag.params.update({name: copy(param) for name, param in form.items()})


@cache
def _in_argentina(cron: str) -> CronDataIntervalTimetable:
    return CronDataIntervalTimetable(cron, timezone=LOCAL_TZ)
