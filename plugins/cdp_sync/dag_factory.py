"""Builds every per-tenant DAG."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, TaskGroup, Variable, task_group
from airflow.timetables.interval import CronDataIntervalTimetable

from cdp_sync.operators.merge import orders_asset
from cdp_sync.operators.plan_tenant import PlanHistoryOperator, PlanIncrementalOperator
from cdp_sync.sync_window import slot, sync_window
from cdp_sync.tenants import LOCAL_TZ, REGISTRY_VARIABLE, Tenant, read_registry

START_DATE = datetime(2024, 1, 1)
"""Fixed, and before any run one may ask for: a run dated earlier would end green without a task."""
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "cdp",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(hours=2),
}
FORCE_REFETCH = Param(
    False,
    type="boolean",
    title="Force refetch",
    description="Read every order of the window again, also those VTEX shows unchanged.",
)
WINDOWS_AT_ONCE = 2
"""Historical windows of a tenant fetched at once, so that VTEX is asked on while one ends and the next begins."""
WINDOWS_PER_RUN = 53
"""A year of history; what is left is found again."""


def _window_form(empty_start: str, empty_end: str) -> dict[str, Param]:
    bound: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}
    return {
        "window_start": Param(
            None, title="Window start", description=f"First instant to look at. Empty: {empty_start}.", **bound
        ),
        "window_end": Param(
            None, title="Window end", description=f"First instant after the window. Empty: {empty_end}.", **bound
        ),
        "force_refetch": FORCE_REFETCH,
    }


WINDOW_PARAMS: dict[str, Any] = {
    "window_start": "{{ params.window_start or '' }}",
    "window_end": "{{ params.window_end or '' }}",
    "force_refetch": "{{ params.force_refetch }}",
}


def registered_tenants() -> list[Tenant]:
    """Tenants of the registry that ``cdp_warehouse`` publishes; none before its first run."""
    return read_registry(Variable.get(REGISTRY_VARIABLE, default="[]"))


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
        params=_window_form("the run's own window, 24 hours or since the last sync", "five minutes before the run"),
        tags=["cdp", "orders", "incremental", f"tenant:{tenant.slug}"],
        doc_md=doc_md,
    ) as dag:
        plan = PlanIncrementalOperator(
            task_id="plan",
            tenant_id=tenant.tenant_id,
            tenant=tenant.slug,
            **WINDOW_PARAMS,
            **slot("incremental"),
        )
        with TaskGroup("sync_window", prefix_group_id=False):
            sync_window(plan.output, sync_type="incremental", outlet=orders_asset(tenant.slug))
    return dag


def build_history_dag(tenant: Tenant, *, doc_md: str | None) -> DAG:
    """``cdp_history__<slug>``: fills the gaps of one tenant."""
    with DAG(
        tenant.history_dag_id,
        dag_display_name=f"History · {tenant.tenant_name}",
        description=f"Orders of {tenant.tenant_name} from time that was never synced, a week at a time",
        schedule=None,
        start_date=START_DATE,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        default_args=DEFAULT_ARGS,
        params={
            **_window_form("the next gaps", "five minutes before the run"),
            "windows": Param(
                WINDOWS_PER_RUN,
                type="integer",
                minimum=1,
                maximum=500,
                title="Windows",
                description="Fill gaps of at most so many weeks. Not for a window of one's own.",
            ),
            "off_peak_only": Param(
                False,
                type="boolean",
                title="Off-peak only",
                description="Begin no window once off-peak time is over. What the gap detector asks for.",
            ),
            "requests_per_second": Param(
                None,
                type=["null", "number"],
                exclusiveMinimum=0,
                title="Requests per second",
                description="Empty: a tenth of the account's limit. The shop's other integrations share that limit.",
            ),
        },
        tags=["cdp", "history", "historical", f"tenant:{tenant.slug}"],
        doc_md=doc_md,
    ) as dag:

        @task_group(group_id="sync_window", prefix_group_id=False)
        def windows(window: Any) -> None:
            sync_window(
                window,
                sync_type="historical",
                outlet=orders_asset(tenant.slug),
                windows_at_once=WINDOWS_AT_ONCE,
            )

        plan = PlanHistoryOperator(
            task_id="plan",
            tenant_id=tenant.tenant_id,
            tenant=tenant.slug,
            windows="{{ params.windows }}",
            off_peak_only="{{ params.off_peak_only }}",
            requests_per_second="{{ params.requests_per_second or '' }}",
            **WINDOW_PARAMS,
            **slot("historical"),
        )
        windows.expand(window=plan.output)
    return dag
