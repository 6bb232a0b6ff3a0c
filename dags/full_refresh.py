"""### The weekly proof

Sundays at 02:00 Argentina time, for every shop: lists 30 days of orders, compares them with what is stored, order by
order, brings what is missing or stale, and writes what it found to `cdp.integrity_checks`.

| task | does |
|---|---|
| `plan` | one window for each shop; a shop with `sync_enabled = false` is skipped, with the reason |
| `fetch` | reads what is missing, changed, still open or no longer listed, and a sample of the rest |
| `stage`, `merge`, `verify` | as in `cdp_orders__<slug>` |
| `compare` | counts by day; marks orders VTEX lists no longer (`vanished_at`), and keeps them |
| `verify_integrity` | fails where more had drifted than the form allows: it is healed by then, but ask why |

One shop's failure stops no other. **Safe to clear and run again**: a second refresh finds nothing.
**Trigger with a form**: shops, days, the share of unchanged orders to read all the same, the drift allowed.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.common.sql.operators.sql import SQLTableCheckOperator
from airflow.sdk import AssetAlias, Param, dag, task_group
from airflow.timetables.trigger import CronTriggerTimetable

from cdp_sync.assets import ORDERS_ALIAS
from cdp_sync.checks import INTEGRITY_CHECKS
from cdp_sync.dag_factory import DEFAULT_ARGS
from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID
from cdp_sync.operators.compare import CompareIntegrityOperator
from cdp_sync.operators.plan_refresh import plan_refresh
from cdp_sync.sync_window import slot, sync_window, xcom_of
from cdp_sync.tenants import LOCAL_TZ

COMPARED = xcom_of("compare")


@dag(
    # No start_date: with one, run_immediately would count for nothing, and a deployment at noon would start it. Not
    # False either: that still runs what is younger than a tenth of the time between two runs.
    schedule=CronTriggerTimetable("0 2 * * 0", timezone=LOCAL_TZ, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=DEFAULT_ARGS,
    params={
        "tenants": Param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            title="Tenants",
            description="Slugs, one a line. Empty: every active tenant.",
        ),
        "days": Param(30, type="integer", minimum=1, maximum=730, title="Days"),
        "sample_percent": Param(
            5,
            type="number",
            minimum=0,
            maximum=100,
            title="Sample",
            description="Per cent of the unchanged orders that are read all the same: VTEX's list can be stale.",
        ),
        "drift_percent": Param(
            1,
            type="number",
            minimum=0,
            maximum=100,
            title="Drift allowed",
            description="Per cent of a tenant's orders that may have been missing or stale before the run fails.",
        ),
    },
    tags=["cdp", "integrity", "full"],
    doc_md=__doc__,
)
def cdp_full_refresh() -> None:
    @task_group(group_id="refresh", prefix_group_id=False)
    def refresh(window: Any) -> None:
        tasks = sync_window(window, sync_type="full", outlet=AssetAlias(ORDERS_ALIAS))
        compare = CompareIntegrityOperator(
            task_id="compare",
            window=window,
            sync_type="full",
            map_index_template="{{ task.window.label }}",
            **slot("full", "verify"),
        )
        verify_integrity = SQLTableCheckOperator(
            task_id="verify_integrity",
            conn_id=WAREHOUSE_CONN_ID,
            table="cdp.integrity_checks",
            partition_clause=f"tenant_id = {COMPARED % 'tenant_id'} and checked_at = '{COMPARED % 'checked_at'}'",
            checks=INTEGRITY_CHECKS,
            retries=0,
            map_index_template=COMPARED % "label",
            **slot("full", "verify"),
        )
        tasks.merge >> compare >> verify_integrity

    refresh.expand(window=plan_refresh.override(task_id="plan", **slot("full"))())


cdp_full_refresh()
