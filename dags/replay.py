"""### Stored documents, read again

Types the documents in `cdp.order_payloads` again into every table made of them, and writes the rows that differ. Asks
VTEX for nothing. `cdp_warehouse` triggers it in off-peak time, while orders are left that an older version of the
package typed: a new column is so filled for all of history, and a wrong one put right.

| task | does |
|---|---|
| `plan` | plans one replay for each shop |
| `replay` | types a thousand orders at a time, the oldest first; writes what differs, counts it by column |

An order whose document is missing or cannot be typed keeps its rows, goes to `cdp.rejected_orders`, and is read from
VTEX again by the next weekly refresh.

**Interrupted anywhere, it resumes** after its last thousand orders. **Safe to clear**: a second replay writes nothing.
**Trigger with a form**: shops, a range of creation dates, only orders of an older typing, all rows or what differs.
What it found: `select batch_id, typed, written, differences from cdp.replays order by updated_at desc`.
"""

from airflow.sdk import AssetAlias, dag

from cdp_sync.assets import ORDERS_ALIAS
from cdp_sync.checks import ORDERS
from cdp_sync.dag_factory import COMMON
from cdp_sync.forms import REPLAY_FORM
from cdp_sync.operators.plan_replay import REPLAY_DAG_ID, plan_replay
from cdp_sync.operators.replay import ReplayOrdersOperator
from cdp_sync.sync_types import REPLAY
from cdp_sync.sync_window import slot


@dag(
    dag_id=REPLAY_DAG_ID,
    dag_display_name="Replay · stored documents, read again",
    schedule=None,
    params=REPLAY_FORM,
    tags=["cdp", "replay"],
    doc_md=__doc__,
    **COMMON,
)
def cdp_replay() -> None:
    plan = plan_replay.override(task_id="plan", **slot(REPLAY))()
    ReplayOrdersOperator.partial(
        task_id="replay",
        sync_type=REPLAY,
        outlets=[AssetAlias(ORDERS_ALIAS)],
        checks=(ORDERS,),
        map_index_template="{{ task.window.label }}",
        max_active_tis_per_dagrun=1,  # it is in no hurry, and the database has other work
        **slot(REPLAY),
    ).expand(window=plan)


cdp_replay()
