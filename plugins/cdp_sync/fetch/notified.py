"""A source of orders: those that feed and hook reported changes of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from cdp_sync.fetch.landing import LandingWriter
from cdp_sync.fetch.reader import Found, IfUnknown, Verdict
from cdp_sync.sql_files import SqlRunner

FETCH_SECONDS = 150
"""How long a run reads documents at most: the next one comes soon, and the inbox keeps what is left."""
MOST_ORDERS = 20_000
CLOCKS_AGREE = timedelta(seconds=2)
"""A document VTEX served this long after a change shows it, whichever of its machines stamped which."""


async def notified_orders(
    inbox: SqlRunner, landing: LandingWriter, *, tenant_id: int, batch_id: str, requests_per_second: float
) -> AsyncIterator[Found]:
    """
    Yield each order in the inbox once, however often it changed; due if it was not read since it changed.

    :param batch_id: takes the notifications; the merge of the same batch marks them processed.
    :param requests_per_second: bounds how many are taken.
    """
    orders = int(min(MOST_ORDERS, requests_per_second * FETCH_SECONDS))
    waiting = await asyncio.to_thread(inbox.rows, "inbox/claim", tenant_id=tenant_id, batch_id=batch_id, orders=orders)
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
    """Return whether an interrupted attempt landed the order since it changed; disown what it landed before."""
    landed = landing.taken_over.get(order_id)
    if landed is None:
        return False
    if landed.fetched_at < changed_at + CLOCKS_AGREE:
        landing.disown(order_id)
        return False
    return True
