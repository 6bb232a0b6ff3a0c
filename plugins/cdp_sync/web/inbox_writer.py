"""Writer of notifications into the inbox, many per transaction."""

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
"""Most rows of a transaction; more would make it longer, not faster per row."""
MOST_WAITING = 3000
"""Most waiting notifications: one process writes as many in ``WAIT_SECONDS``; more would be answered too late."""
MOST_OF_ONE_TENANT = 1500
"""Most waiting notifications of one tenant, so that one shop's flood leaves room for the others."""
WAIT_SECONDS = 3.0
"""Seconds a request waits for its commit; VTEX gives up after five."""
STATEMENT_SECONDS = 2.0
"""Timeout of a statement, shorter so that waiting requests still get its failure."""
STUCK_SECONDS = 10.0
"""Seconds after which a connection is given up; a statement ends long before, unless the network lost it."""
HEALTH_SECONDS = 5.0
"""Seconds for which an answer of the warehouse counts as its state."""


class Busy(Exception):
    """Too many notifications wait, or the warehouse does not store one in time: VTEX must send it again."""


class TooMany(Busy):
    """Too many notifications of this one tenant wait."""


class _Waiting(NamedTuple):
    tenant_id: int
    notification: Notification | None  # None asks whether the warehouse answers
    written: asyncio.Future[bool]


class InboxWriter:
    """
    Single thread with one connection that writes all waiting notifications in one transaction, then confirms them.

    Batches grow with the load, so it keeps up where one commit per notification would not. The thread starts with the
    first notification and stops between two transactions when the process ends.
    """

    def __init__(self, stuck_seconds: float = STUCK_SECONDS) -> None:
        self._stuck_seconds = stuck_seconds
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._refused: deque[list[_Waiting]] = deque()
        self._waiting: Counter[int] = Counter()
        self._thread: threading.Thread | None = None
        self._busy_since: float | None = None
        self._answers, self._tried_at = False, float("-inf")
        self._closed = False

    async def write(self, tenant_id: int, notification: Notification | None) -> None:
        """
        Return once the notification is committed.

        :raises Busy: if it was not committed, as far as is known; sending it again does no harm.
        """
        if self._closed or self._waiting.total() >= MOST_WAITING:
            raise Busy
        if self._waiting[tenant_id] >= MOST_OF_ONE_TENANT:
            raise TooMany
        self._ensure_thread()
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[tenant_id] += 1
        self._queue.put(_Waiting(tenant_id, notification, written))
        try:
            if not await asyncio.wait_for(written, WAIT_SECONDS):
                raise Busy
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting[tenant_id] -= 1

    async def healthy(self) -> bool:
        """Return whether the warehouse answered the last time, or answers now if that was long ago."""
        if time.monotonic() - self._tried_at >= HEALTH_SECONDS:
            with suppress(Busy):
                await self.write(0, None)
                return True
            return False
        return self._answers

    def close(self) -> None:
        """Write the waiting notifications, then end the thread."""
        self._closed = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(WAIT_SECONDS)

    def _ensure_thread(self) -> None:
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
                # Any error: if the thread ended, no later request would get an answer.
                if len(batch) == 1:
                    self._failed(batch, failure)
                else:  # one of them cannot be written; the others can
                    half = len(batch) // 2
                    self._refused += [batch[:half], batch[half:]]

    def _next(self) -> list[_Waiting]:
        """Return notifications that requests still wait for; none at the end, or if another thread took over."""
        batch: list[_Waiting] = []
        while not batch:
            if threading.current_thread() is not self._thread:
                return []
            self._busy_since = None
            taken = self._refused.popleft() if self._refused else self._take()
            batch = [each for each in taken if not each.written.done()]
        self._busy_since = time.monotonic()
        return batch

    def _take(self) -> list[_Waiting]:
        taken = [self._queue.get()]
        with suppress(Empty):
            while len(taken) < MOST_AT_ONCE:
                taken.append(self._queue.get_nowait())
        if None in taken:
            self._thread = None  # closed: this batch is the last
        return [each for each in taken if each is not None]

    def _write(self, db: Warehouse, batch: list[_Waiting]) -> None:
        rows = [(each.tenant_id, *each.notification) for each in batch if each.notification is not None]
        if rows:
            # Sorted, to avoid deadlocks: the feed, or another process, may be writing the same changes.
            columns = zip(*sorted(rows, key=lambda row: row[:4]), strict=True)
            db.run("inbox/store_notifications", **dict(zip(COLUMNS, map(list, columns), strict=True)))
        else:
            _bound(db)
        self._answer_all(batch, answers=True)

    def _failed(self, batch: list[_Waiting], failure: Exception) -> None:
        log.warning("%d notifications were not written: %s", len(batch), type(failure).__name__)
        self._answer_all(batch, answers=False)

    def _answer_all(self, batch: list[_Waiting], *, answers: bool) -> None:
        self._answers, self._tried_at = answers, time.monotonic()
        for loop in {each.written.get_loop() for each in batch}:
            with suppress(RuntimeError):  # it is closed: the process ends, and VTEX asks again
                loop.call_soon_threadsafe(_answer, batch, answers)


def _bound(db: Warehouse) -> None:
    db.rows("inbox/bound_session", statement_timeout=f"{STATEMENT_SECONDS * 1000:.0f}")


def _answer(batch: list[_Waiting], written: bool) -> None:
    for each in batch:
        if not each.written.done():
            each.written.set_result(written)
