"""### What changed, in minutes

Every five minutes, for every shop with `feed_enabled`: what VTEX's order feed and hook told since, read once for each
order and merged; only then is VTEX told that it need not come again.

| task | does |
|---|---|
| `plan` | one drain for each shop |
| `drain` | feed → `cdp.order_notifications`, where the hook's are too; skips the rest where nothing waits, saying why |
| `fetch` | reads each order that changed since it was read, once |
| `stage`, `merge`, `verify` | as in `cdp_orders__<slug>`; the merge writes `cdp.order_status_changes` too |
| `commit` | takes what was merged off the feed |
| `check_feeds` | fails where VTEX is about to drop changes that nobody drained |

**Killed anywhere, nothing is lost**: what is not committed comes again, and finds its change merged.
A shop without the role *Feed v3 and Hook Admin* lives from the list: its `drain` is skipped, saying so.
Where each feed stands: `select * from cdp.order_feeds`. **Trigger with a form** for some shops only.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetAlias, Param, dag, task_group
from airflow.timetables.interval import CronDataIntervalTimetable

from cdp_sync.assets import ORDERS_ALIAS
from cdp_sync.dag_factory import DEFAULT_ARGS, START_DATE
from cdp_sync.operators.feed import CommitFeedOperator, DrainFeedOperator, check_feeds, plan_feeds
from cdp_sync.sync_window import slot, sync_window
from cdp_sync.tenants import LOCAL_TZ

SLUGS: dict[str, Any] = {"type": ["null", "array"], "items": {"type": "string"}}


@dag(
    schedule=CronDataIntervalTimetable("*/5 * * * *", timezone=LOCAL_TZ),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    # The next run is minutes away, and one shop's trouble must not keep it from the others.
    default_args={
        **DEFAULT_ARGS,
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=10),
    },
    params={
        "tenants": Param(None, title="Tenants", description="Slugs, one a line. Empty: every one.", **SLUGS),
        "take_over": Param(
            None,
            title="Take over",
            description="Slugs, one a line, whose feed was configured by somebody else and is to be ours.",
            **SLUGS,
        ),
    },
    tags=["cdp", "feed"],
    doc_md=__doc__,
)
def cdp_order_feed() -> None:
    @task_group(group_id="feed", prefix_group_id=False)
    def feed(window: Any) -> None:
        ours: dict[str, Any] = {
            "window": window,
            "sync_type": "feed",
            "map_index_template": "{{ task.window.label }}",
        }
        drain = DrainFeedOperator(task_id="drain", **ours, **slot("feed", "fetch"))
        tasks = sync_window(window, sync_type="feed", outlet=AssetAlias(ORDERS_ALIAS))
        commit = CommitFeedOperator(task_id="commit", **ours, **slot("feed", "verify"))
        drain >> tasks.fetch
        tasks.merge >> commit

    plan = plan_feeds.override(task_id="plan", **slot("feed"))()
    feed.expand(window=plan)
    # Beside them, not after: a last task that succeeds would hide what failed before it.
    plan >> check_feeds.override(**slot("feed"))()


cdp_order_feed()
