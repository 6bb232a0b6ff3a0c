"""Source of orders: those whose changes feed and hook reported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.fetch.reader import Found, IfUnknown, Verdict
from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.dates import EARLIEST, LATEST

FETCH_SECONDS = 150
"""Seconds a run reads documents at most: the next run comes soon, and the inbox keeps the rest."""
MOST_ORDERS = 20_000
CLOCKS_AGREE = timedelta(seconds=2)
"""Time after a change from which a served document shows it, although VTEX's machines' clocks differ."""


async def notified_orders(
    inbox: SqlRunner, landing: LandingWriter, *, tenant_id: int, batch_id: str, requests_per_second: float
) -> AsyncIterator[Found]:
    """
    Yield each order in the inbox once, however often it changed; due if it was not read since.

    :param batch_id: claims the notifications; the merge of the same batch marks them processed.
    :param requests_per_second: bounds the number of orders claimed.
    """
    orders = int(min(MOST_ORDERS, requests_per_second * FETCH_SECONDS))
    await asyncio.to_thread(inbox.run, "inbox/release", tenant_id=tenant_id, batch_id=batch_id)
    bounds = {"orders": orders, "earliest": EARLIEST, "latest": LATEST}
    waiting = await asyncio.to_thread(inbox.rows, "inbox/claim", tenant_id=tenant_id, batch_id=batch_id, **bounds)
    for row in waiting:
        order_id = row["order_id"]
        if _landed_since(landing, order_id, row["changed_at"]):
            yield Found(order_id, Verdict.LANDED)
        elif row["due"]:
            # VTEX reports carts as well; one that becomes an order is reported again.
            yield Found(order_id, drop_if_cart=True, if_unknown=IfUnknown.REJECTED)
        else:
            yield Found(order_id, Verdict.UNCHANGED)


def _landed_since(landing: LandingWriter, order_id: str, changed_at: datetime) -> bool:
    """Return whether an interrupted attempt landed the order since it changed; if before, disown it."""
    landed = landing.taken_over.get(order_id)
    if landed is None:
        return False
    if landed.fetched_at < changed_at + CLOCKS_AGREE:
        landing.disown(order_id)
        return False
    return True
