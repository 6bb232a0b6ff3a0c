"""Drain of VTEX's feed into the inbox, and commit of handles whose changes are merged."""

from __future__ import annotations

import asyncio

from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.feed import LOT, VISIBILITY_SECONDS, OrderFeed
from cdp_sync.vtex.notifications import BadNotification, FeedItem, Notification, read_notification

POLLS_AT_ONCE = 3
EMPTY_ROUNDS = 2
"""Rounds of empty polls that end a drain: one poll may be empty although the queue is not."""
RECEIVE_SECONDS = 60.0
"""Seconds a drain receives at most; the next one receives the rest."""
COMMITS_AT_ONCE = 8


class Drain:
    """
    Receive items until the queue seems empty; store each round in the inbox before the next.

    :ivar received: items, of which ``new`` were changes not reported before.
    :ivar unreadable: items that do not say which order changed; they are left in the queue.
    :ivar reached_end: False if time ran out first.
    """

    def __init__(self, feed: OrderFeed, inbox: SqlRunner, *, tenant_id: int) -> None:
        self._feed, self._inbox, self._tenant_id = feed, inbox, tenant_id
        self.received = self.new = self.unreadable = 0
        self.reached_end = False

    async def run(self) -> None:
        """Drain the queue. :raises VtexError: if VTEX does not answer; items received before are kept."""
        loop = asyncio.get_running_loop()
        time_is_over, empty = loop.time() + RECEIVE_SECONDS, 0
        while empty < EMPTY_ROUNDS:
            if loop.time() > time_is_over:
                return
            empty = empty + 1 if await self._round() == 0 else 0
        self.reached_end = True

    async def _round(self) -> int:
        lots = await asyncio.gather(*(self._feed.receive() for _ in range(POLLS_AT_ONCE)), return_exceptions=True)
        items = [item for lot in lots if not isinstance(lot, BaseException) for item in lot]
        if items:
            await self._keep(items)
        for lot in lots:
            if isinstance(lot, BaseException):
                raise lot
        return len(items)

    async def _keep(self, items: list[FeedItem]) -> None:
        changes: list[tuple[Notification, str]] = []
        for item in items:
            try:
                changes.append((read_notification(item), item.handle))
            except BadNotification:
                self.unreadable += 1
        (stored,) = await asyncio.to_thread(
            self._inbox.rows,
            "inbox/receive",
            tenant_id=self._tenant_id,
            order_ids=[change.order_id for change, _ in changes],
            changed=[change.changed_at for change, _ in changes],
            states=[change.state for change, _ in changes],
            last_states=[change.last_state for change, _ in changes],
            last_changed=[change.last_changed_at for change, _ in changes],
            domains=[change.domain for change, _ in changes],
            handles=[handle for _, handle in changes],
        )
        self.received += len(items)
        self.new += stored["new"]


async def commit_merged(feed: OrderFeed, inbox: SqlRunner, *, tenant_id: int) -> int:
    """
    Commit the handles of every item whose change is merged; return their number.

    :raises VtexError: if VTEX does not accept them; the items come again, and their changes are found merged.
    """
    await asyncio.to_thread(
        inbox.run, "inbox/forget_expired_handles", tenant_id=tenant_id, visibility=VISIBILITY_SECONDS
    )
    committed = 0
    while waiting := await asyncio.to_thread(
        inbox.rows, "inbox/handles_to_commit", tenant_id=tenant_id, handles=LOT * COMMITS_AT_ONCE
    ):
        handles = [row["handle"] for row in waiting]
        await asyncio.gather(*(feed.commit(handles[start : start + LOT]) for start in range(0, len(handles), LOT)))
        await asyncio.to_thread(
            inbox.run, "inbox/forget_handles", tenant_id=tenant_id, handle_nos=[row["handle_no"] for row in waiting]
        )
        committed += len(waiting)
    return committed
