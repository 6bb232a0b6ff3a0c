"""A fetch: find the orders that are due, read their documents concurrently, land them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from datetime import UTC, datetime

import msgspec

from cdp_sync.fetch.landing import Landed, LandingWriter
from cdp_sync.fetch.shared_rate import SharedRate
from cdp_sync.vtex.client import ORDERS, VtexClient
from cdp_sync.vtex.errors import VtexError, VtexForbidden, VtexNotFound, VtexUnauthorized, VtexUnavailable

TOLERATED_FAILURES = 3
TOLERATED_SHARE = 0.01


class _Completeness(msgspec.Struct):
    isCompleted: bool | None = True


def is_cart(document: bytes) -> bool:
    """Whether it is no order yet. What cannot be told counts as an order: the stage says what is wrong with it."""
    try:
        return not msgspec.json.decode(document, type=_Completeness).isCompleted
    except msgspec.ValidationError:
        return False


class Fetch(ABC):
    """
    A fetch under way. Memory holds order ids and one unfinished part, never a window's documents.

    :param in_flight: documents under way at once.
    :param share: this fetch's part of the tenant's rate, where others may run at the same time.
    :ivar seen: orders looked at.
    :ivar skipped: how many of them need not be read, or turned out to be none.
    :ivar failed: orders VTEX would not serve; they end in ``cdp.rejected_orders``.
    """

    def __init__(
        self, client: VtexClient, landing: LandingWriter, *, in_flight: int, share: SharedRate | None = None
    ) -> None:
        self.client = client
        self.landing = landing
        self.seen: set[str] = set()
        self.skipped = 0
        self.failed: list[Landed] = []
        self._in_flight = in_flight
        self._share = share
        self._due: asyncio.Queue[tuple[str, int | None] | None] = asyncio.Queue(maxsize=4 * in_flight)
        self._fetched = self._outages = 0

    def counts(self) -> dict[str, int]:
        """Counts as in ``cdp.sync_runs``; documents taken over from an interrupted attempt count as fetched."""
        taken_over = self.landing.taken_over
        return {
            "listed": len(self.seen | taken_over.keys()),
            "skipped": self.skipped,
            "uncovered": 0,
            "fetched": self._fetched + len(taken_over),
            "failed": len(self.failed),
            "requests": self.client.requests,
            "throttled": self.client.pace.throttled,
        }

    async def run(self) -> None:
        """
        Find orders, and read documents while finding.

        :raises VtexError: if the finding does, or more documents fail than one can put down to them.
        """
        try:
            if self._share:
                await self._share.join()
            async with asyncio.TaskGroup() as tasks:
                work = [tasks.create_task(self._read_documents()) for _ in range(self._in_flight)]
                work.append(tasks.create_task(self._find()))
                if self._share:
                    sharing = tasks.create_task(self._share.keep())
                    await asyncio.wait(work)
                    sharing.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    @abstractmethod
    async def find(self) -> None:
        """Put orders into ``seen``; have those that are due read, and count the others as ``skipped``."""

    async def read(self, order_id: str, listing_hash: int | None = None) -> None:
        """Have a document read; waits while enough are under way."""
        await self._due.put((order_id, listing_hash))

    async def accepts(self, order_id: str, document: bytes) -> bool:
        """Whether a document is to be landed; counted as skipped if not."""
        return True

    def may_be_unknown(self, order_id: str) -> bool:
        """Whether VTEX not knowing an order is no failure."""
        return False

    def is_outage(self, failure: VtexError, order_id: str) -> bool:
        """Whether a failure may be one of many; those are tolerated to a point."""
        return True

    async def _find(self) -> None:
        await self.find()
        for _ in range(self._in_flight):
            await self._due.put(None)

    async def _read_documents(self) -> None:
        while (due := await self._due.get()) is not None:
            order_id, listing_hash = due
            try:
                document = await self.client.order(order_id)
            except VtexError as failure:
                self._tolerate(failure, order_id, listing_hash)
                continue
            if not await self.accepts(order_id, document.body):
                self.skipped += 1
                continue
            self.landing.add(Landed(order_id, document.served_at, listing_hash, document=msgspec.Raw(document.body)))
            self._fetched += 1

    def _tolerate(self, failure: VtexError, order_id: str, listing_hash: int | None) -> None:
        """One order VTEX cannot serve must not stop a shop's sync for ever; many are an outage."""
        if isinstance(failure, VtexUnauthorized | VtexForbidden):
            raise failure
        if isinstance(failure, VtexNotFound) and self.may_be_unknown(order_id):
            self.skipped += 1
            return
        self.failed.append(Landed(order_id, datetime.now(UTC), listing_hash, error=str(failure)))
        self._outages += self.is_outage(failure, order_id)
        if self._outages > max(TOLERATED_FAILURES, TOLERATED_SHARE * len(self.seen)):
            raise VtexUnavailable(
                f"{self._outages} orders could not be read, the last because: {failure}",
                tenant=self.client.tenant,
                path=ORDERS,
                status=failure.status,
            )
