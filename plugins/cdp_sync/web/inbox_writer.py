"""Writes notifications into the inbox, many to a transaction."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple

from cdp_sync.hooks.warehouse import Warehouse, WarehouseUnavailable, warehouse
from cdp_sync.vtex.notifications import Notification

log = logging.getLogger(__name__)
COLUMNS = ("tenant_ids", "order_ids", "changed", "states", "last_states", "last_changed", "domains")
MOST_AT_ONCE = 500
"""Rows of a transaction: where more no longer makes it faster per row, only longer."""
MOST_WAITING = 3000
"""What one process writes in the ``WAIT_SECONDS`` anyone waits; more would only be answered too late."""
MOST_OF_ONE_TENANT = 1500
"""One shop's flood leaves the others room."""
WAIT_SECONDS = 3.0
"""VTEX gives up after five."""
STATEMENT_SECONDS = 2.0
"""Less, so that who waits is told."""
STUCK_SECONDS = 10.0
"""A statement ends long before, unless the network swallowed it: the connection is not waited for any more."""
HEALTH_SECONDS = 5.0
"""An answer of the warehouse counts as its state for this long."""


class Busy(Exception):
    """Too much is waiting, or the warehouse does not take it in time: VTEX is to send it again."""


class TooMany(Busy):
    """Too much of this one tenant is waiting."""


class _Told(NamedTuple):
    tenant_id: int
    notification: Notification | None  # None asks whether the warehouse answers
    written: asyncio.Future[bool]


class InboxWriter:
    """
    One thread with one connection takes all that waits, writes it in one transaction, and only then says so.

    The more comes at once, the more goes into a transaction: that keeps up where a commit each would not.
    The thread begins with the first notification; the end of the process ends it, between two transactions.
    """

    def __init__(self, stuck_seconds: float = STUCK_SECONDS) -> None:
        self._stuck_seconds = stuck_seconds
        self._queue: SimpleQueue[_Told | None] = SimpleQueue()
        self._refused: deque[list[_Told]] = deque()
        self._waiting: Counter[int] = Counter()
        self._thread: threading.Thread | None = None
        self._busy_since: float | None = None
        self._answers, self._tried_at = False, float("-inf")
        self._closed = False

    async def write(self, tenant_id: int, notification: Notification | None) -> None:
        """
        Return once the notification is committed.

        :raises Busy: if it is not, as far as one can know; sent again, it does no harm.
        """
        if self._closed or self._waiting.total() >= MOST_WAITING:
            raise Busy
        if self._waiting[tenant_id] >= MOST_OF_ONE_TENANT:
            raise TooMany
        self._have_thread()
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[tenant_id] += 1
        self._queue.put(_Told(tenant_id, notification, written))
        try:
            if not await asyncio.wait_for(written, WAIT_SECONDS):
                raise Busy
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting[tenant_id] -= 1

    async def healthy(self) -> bool:
        """Whether the warehouse answered when it was last asked, or now if that is long ago."""
        if time.monotonic() - self._tried_at >= HEALTH_SECONDS:
            with suppress(Busy):
                await self.write(0, None)
                return True
            return False
        return self._answers

    def close(self) -> None:
        """Write what waits, and end."""
        self._closed = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(WAIT_SECONDS)

    def _have_thread(self) -> None:
        stuck = self._busy_since is not None and time.monotonic() - self._busy_since > self._stuck_seconds
        if self._thread is None or stuck:
            if self._thread is None:
                atexit.register(self.close)
            self._busy_since = None
            self._thread = threading.Thread(target=self._run, name="cdp-inbox-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while batch := self._next():
            try:
                with warehouse(autocommit=True) as db:
                    _bound(db)
                    while batch:
                        self._write(db, batch)
                        batch = self._next()
            except WarehouseUnavailable as failure:
                self._failed(batch, failure)
            except Exception as failure:
                # Whatever it is: a thread that ended would leave all requests to come without an answer.
                if len(batch) == 1:
                    self._failed(batch, failure)
                else:  # one of them cannot be written; the others can
                    half = len(batch) // 2
                    self._refused += [batch[:half], batch[half:]]

    def _next(self) -> list[_Told]:
        """What waits and is still waited for; nothing at the end, or where another thread took over."""
        batch: list[_Told] = []
        while not batch:
            if threading.current_thread() is not self._thread:
                return []
            self._busy_since = None
            taken = self._refused.popleft() if self._refused else self._take()
            batch = [told for told in taken if not told.written.done()]
        self._busy_since = time.monotonic()
        return batch

    def _take(self) -> list[_Told]:
        taken = [self._queue.get()]
        with suppress(Empty):
            while len(taken) < MOST_AT_ONCE:
                taken.append(self._queue.get_nowait())
        if None in taken:
            self._thread = None  # closed: this batch is the last
        return [told for told in taken if told is not None]

    def _write(self, db: Warehouse, batch: list[_Told]) -> None:
        told = [(asked.tenant_id, *asked.notification) for asked in batch if asked.notification is not None]
        if told:
            # In one order everywhere: the feed, or another process, may be writing the same changes.
            columns = zip(*sorted(told, key=lambda row: row[:4]), strict=True)
            db.run("inbox/store_notifications", **dict(zip(COLUMNS, map(list, columns), strict=True)))
        else:
            _bound(db)
        self._heard(batch, answers=True)

    def _failed(self, batch: list[_Told], failure: Exception) -> None:
        log.warning("%d notifications were not written: %s", len(batch), type(failure).__name__)
        self._heard(batch, answers=False)

    def _heard(self, batch: list[_Told], *, answers: bool) -> None:
        self._answers, self._tried_at = answers, time.monotonic()
        for loop in {told.written.get_loop() for told in batch}:
            with suppress(RuntimeError):  # it is closed: the process ends, and VTEX asks again
                loop.call_soon_threadsafe(_answer, batch, answers)


def _bound(db: Warehouse) -> None:
    db.rows("inbox/bound_session", statement_timeout=f"{STATEMENT_SECONDS * 1000:.0f}")


def _answer(batch: list[_Told], written: bool) -> None:
    for told in batch:
        if not told.written.done():
            told.written.set_result(written)
