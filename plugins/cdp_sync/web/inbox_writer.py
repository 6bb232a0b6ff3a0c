"""Writes notifications into the inbox, many to a transaction."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter, deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple

from cdp_sync.hooks.warehouse import Warehouse, WarehouseUnavailable, warehouse
from cdp_sync.notifications import Notification

log = logging.getLogger(__name__)
COLUMNS = ("tenant_ids", "order_ids", "changed", "states", "last_states", "last_changed", "domains")
MOST_AT_ONCE = 500
MOST_WAITING = 4000
"""Seconds' worth of what one process can take; more would only be answered too late."""
MOST_OF_ONE_TENANT = 2000
"""One shop's flood leaves room for the others."""
WAIT_SECONDS = 3.0
"""VTEX gives up after five."""


class Busy(Exception):
    """Too much is waiting, or the warehouse does not answer in time: VTEX is to send it again."""


class TooMany(Busy):
    """Too much of this one tenant is waiting."""


class _Waiting(NamedTuple):
    tenant_id: int
    notification: Notification
    written: asyncio.Future[None]


class InboxWriter:
    """
    One thread with one connection takes all that waits, writes it in one transaction, and only then says so.

    The more comes at once, the more goes into a transaction: that is what keeps up where a commit each would not.

    :ivar healthy: whether the warehouse took what it was last given.
    """

    def __init__(self) -> None:
        self.healthy = True
        self._queue: SimpleQueue[_Waiting] = SimpleQueue()
        self._alone: deque[_Waiting] = deque()
        self._waiting: Counter[int] = Counter()
        self._thread: threading.Thread | None = None

    async def write(self, tenant_id: int, notification: Notification) -> None:
        """
        Return once the notification is committed.

        :raises Busy: if it is not, as far as one can know; sent again, it does no harm.
        """
        if self._waiting.total() >= MOST_WAITING:
            raise Busy
        if self._waiting[tenant_id] >= MOST_OF_ONE_TENANT:
            raise TooMany
        self._start()
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[tenant_id] += 1
        self._queue.put(_Waiting(tenant_id, notification, written))
        try:
            await asyncio.wait_for(written, WAIT_SECONDS)
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting[tenant_id] -= 1

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="cdp-inbox-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            batch = self._next()
            try:
                with warehouse(autocommit=True) as db:
                    db.run("feed/bound_session")
                    while True:
                        self._write(db, batch)
                        batch = self._next()
            except WarehouseUnavailable as failure:
                self._failed(batch, failure)
            except Exception as failure:
                # Whatever it is: a thread that ended would leave every request to come without an answer.
                if len(batch) > 1:
                    self._alone.extend(batch)  # one of them cannot be written; the others can
                else:
                    self._failed(batch, failure)

    def _next(self) -> list[_Waiting]:
        if self._alone:
            return [self._alone.popleft()]
        batch = [self._queue.get()]
        with suppress(Empty):
            while len(batch) < MOST_AT_ONCE:
                batch.append(self._queue.get_nowait())
        return batch

    def _write(self, db: Warehouse, batch: list[_Waiting]) -> None:
        asked = [waiting for waiting in batch if not waiting.written.done()]  # the others' requests gave up
        # In one order everywhere: the feed may be writing the same changes.
        rows = sorted({(waiting.tenant_id, *waiting.notification) for waiting in asked}, key=lambda row: row[:4])
        if rows:
            db.run("feed/store_notifications", **dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))
        self.healthy = True
        _answer(batch, None)

    def _failed(self, batch: list[_Waiting], failure: Exception) -> None:
        self.healthy = False
        log.warning("%d notifications were not written: %s", len(batch), type(failure).__name__)
        _answer(batch, Busy())


def _answer(batch: list[_Waiting], failure: Exception | None) -> None:
    def answer() -> None:
        for waiting in batch:
            if not waiting.written.done():
                if failure:
                    waiting.written.set_exception(failure)
                else:
                    waiting.written.set_result(None)

    with suppress(RuntimeError):  # the process is ending; VTEX asks again
        batch[0].written.get_loop().call_soon_threadsafe(answer)
