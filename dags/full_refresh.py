"""### The weekly proof

Sundays at 02:00 Argentina time, for every shop: lists 30 days of orders, compares them with the stored ones, order by
order, fetches missing and stale ones, and writes the findings to `cdp.integrity_checks`.

| task | does |
|---|---|
| `plan` | plans one window for each shop; a shop with `sync_enabled = false` is skipped, with the reason |
| `replay` | types the stored documents of those days again, without a request; heals the rows that differ from them |
| `fetch` | reads orders that are missing, changed, still open or no longer listed, and a sample of the rest |
| `stage`, `merge` | as in `cdp_orders__<slug>` |
| `compare` | counts by day; marks orders that VTEX no longer lists (`vanished_at`), and keeps them |

Where VTEX's list does not say when orders changed, `fetch` reads all orders.

`compare` fails if more orders had drifted than the form allows. They are healed by then, but find out why.

One shop's failure stops no other. **Safe to clear and run again**: a second refresh finds nothing.
**Trigger with a form**: shops, days, the share of unchanged orders to read anyway, the drift allowed.
"""

from typing import Any

from airflow.sdk import AssetAlias, dag, task_group

from cdp_sync.assets import ORDERS_ALIAS
from cdp_sync.checks import ORDERS, REFRESH
from cdp_sync.dag_factory import COMMON, at_night
from cdp_sync.forms import REFRESH_FORM
from cdp_sync.operators.compare import CompareIntegrityOperator
from cdp_sync.operators.plan_refresh import plan_refresh
from cdp_sync.operators.replay import ReplayOrdersOperator
from cdp_sync.sync_types import FULL
from cdp_sync.sync_window import slot, step, sync_window


@dag(
    dag_display_name="Weekly refresh · all shops",
    schedule=at_night("0 2 * * 0"),
    params=REFRESH_FORM,
    tags=["cdp", "integrity", "full"],
    doc_md=__doc__,
    **COMMON,
)
def cdp_full_refresh() -> None:
    @task_group(group_id="refresh", prefix_group_id=False)
    def refresh(window: Any) -> None:
        replayed = ReplayOrdersOperator(task_id="replay", **step(FULL, window, "fetch")).output
        merged = sync_window(replayed, sync_type=FULL, outlet=AssetAlias(ORDERS_ALIAS), checks=())
        CompareIntegrityOperator(task_id="compare", checks=(ORDERS, REFRESH), **step(FULL, merged, "after"))

    refresh.expand(window=plan_refresh.override(task_id="plan", **slot(FULL))())


cdp_full_refresh()
