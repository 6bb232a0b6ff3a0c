"""Sync types, each defined once. Code asks for their attributes, never compares their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class SyncType:
    """
    Way to bring in orders.

    :param rate_share: share of the account's limit that its requests may use; the rest is for the shop's other
        integrations. 0: it makes none.
    :param priority: Airflow's priority weight of its first task; later tasks add their step.
    :param pool: Airflow pool of its tasks, if the deployment has one; ``pool_slots`` is its size on a laptop and in
        compose.
    :param orders_from: ``list``, VTEX's order list; ``inbox``, what feed and hook reported; or ``documents``, those
        already stored.
    :param date_fields: dates by which orders are listed.
    :param page_size: rows of a list page, at most 100: few for a quick answer, many for bulk.
    :param covers_time: a merged window is coverage of creation times, with a checkpoint of its own.
    :param sets_freshness: a merged window moves ``last_sync_at``.
    :param rechecks: also reads orders known to need another look although their list row shows no change.
    :param rereads_for: longest time a run reads orders for no other reason than the age of their last read, where the
        list carries no ``lastChange``. Well within a task's two hours, and what is new waits no longer than this.
    :param reads_carts: also reads orders that VTEX's index takes for carts, since it can stay wrong.
    :param compares: compares listed with stored orders, and reads those the list may get wrong: open orders, a sample
        of the others, stored orders that are not listed.
    """

    name: Literal["incremental", "historical", "full", "feed", "replay"]
    rate_share: float
    priority: int
    pool: str
    pool_slots: int
    orders_from: Literal["list", "inbox", "documents"] = "list"
    date_fields: tuple[str, ...] = ("creationDate",)
    page_size: int = 100
    covers_time: bool = True
    sets_freshness: bool = False
    rechecks: bool = False
    rereads_for: timedelta = timedelta(0)
    reads_carts: bool = False
    compares: bool = False


INCREMENTAL = SyncType(
    name="incremental",
    rate_share=0.4,
    priority=40,
    pool="cdp_incremental",
    pool_slots=16,
    # An order paid or invoiced in the window may have been created long before.
    date_fields=("creationDate", "authorizedDate", "invoicedDate"),
    page_size=50,
    sets_freshness=True,
    rechecks=True,
    rereads_for=timedelta(minutes=30),
)
FEED = SyncType(
    name="feed",
    rate_share=0.2,
    priority=30,
    pool="cdp_feed",
    pool_slots=8,
    orders_from="inbox",
    # It reads changed orders, whenever they were created.
    covers_time=False,
)
FULL = SyncType(
    name="full",
    rate_share=0.15,
    priority=20,
    pool="cdp_full",
    pool_slots=4,
    rereads_for=timedelta(minutes=90),
    reads_carts=True,
    compares=True,
)
HISTORICAL = SyncType(
    name="historical",
    rate_share=0.1,
    priority=10,
    pool="cdp_historical",
    pool_slots=8,
    reads_carts=True,
)
REPLAY = SyncType(
    name="replay",
    rate_share=0.0,
    priority=5,
    pool="cdp_replay",
    pool_slots=2,
    orders_from="documents",
    covers_time=False,
)
SYNC_TYPES: dict[str, SyncType] = {each.name: each for each in (INCREMENTAL, HISTORICAL, FULL, FEED, REPLAY)}
