"""### Order changes, within minutes

Every five minutes, for every shop with `feed_enabled`: reads each order that VTEX's feed or hook reported, once, and
merges it. Only then are its items taken off the feed.

| task | does |
|---|---|
| `plan` | plans one drain for each shop |
| `drain` | feed → `cdp.order_notifications`, filled by the hook too; skips the rest, with the reason, if it is empty |
| `fetch` | reads each order that changed since it was last read, once |
| `stage`, `merge` | as in `cdp_orders__<slug>`; the merge writes `cdp.order_status_changes` too |
| `commit` | takes merged items off the feed; fails if the feed could not be drained |
| `check_feeds` | fails if every shop failed, or VTEX is about to drop changes that were not drained |

**One shop's failure** is red in its own tasks, with the reason, and in `cdp.order_feeds`; the run stays green.

**Killed anywhere, nothing is lost**: items that are not committed come again; their changes are found merged.
A shop without the role *Feed v3 and Hook Admin* falls back to the order list: its `drain` is skipped, with the reason.
State of each feed: `select * from cdp.order_feeds`. **Trigger with a form** for some shops only.
"""

from typing import Any

from airflow.sdk import AssetAlias, dag, task_group
from airflow.timetables.interval import CronDataIntervalTimetable

from cdp_sync.assets import ORDERS_ALIAS
from cdp_sync.checks import ORDERS
from cdp_sync.dag_factory import COMMON, EVERY_FEW_MINUTES, START_DATE
from cdp_sync.forms import FEED_FORM
from cdp_sync.operators.commit import CommitFeedOperator
from cdp_sync.operators.drain import DrainFeedOperator
from cdp_sync.operators.plan_feeds import check_feeds, plan_feeds
from cdp_sync.sync_types import FEED
from cdp_sync.sync_window import slot, step, sync_window
from cdp_sync.tenants import LOCAL_TZ


@dag(
    dag_display_name="Orders · all shops, by feed and hook",
    schedule=CronDataIntervalTimetable("*/5 * * * *", timezone=LOCAL_TZ),
    start_date=START_DATE,
    params=FEED_FORM,
    tags=["cdp", "feed"],
    doc_md=__doc__,
    **COMMON | EVERY_FEW_MINUTES,
)
def cdp_order_feed() -> None:
    @task_group(group_id="feed", prefix_group_id=False)
    def feed(window: Any) -> None:
        drained = DrainFeedOperator(task_id="drain", **step(FEED, window, "fetch")).output
        merged = sync_window(drained, sync_type=FEED, outlet=AssetAlias(ORDERS_ALIAS), checks=())
        CommitFeedOperator(task_id="commit", checks=(ORDERS,), **step(FEED, merged, "after"))

    plan = plan_feeds.override(task_id="plan", **slot(FEED))()
    # Last, and whatever happened before: the run is as green as this task is.
    feed.expand(window=plan) >> check_feeds.override(**slot(FEED))(plan)


cdp_order_feed()
