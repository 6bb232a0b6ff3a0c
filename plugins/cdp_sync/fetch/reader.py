"""Concurrent reader of the orders that a source finds due; lands and counts them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from enum import Enum
from typing import NamedTuple

import msgspec

from cdp_sync import clock
from cdp_sync.fetch.landing import Landed
from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.tolerance import tolerated
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import (
    VtexError,
    VtexForbidden,
    VtexNotFound,
    VtexUnauthorized,
    VtexUnavailable,
    VtexUnreadable,
)
from cdp_sync.vtex.order_document import is_cart


class Verdict(Enum):
    """Finding of a source about an order."""

    DUE = "its document must be read"
    LANDED = "an interrupted attempt landed it as it is now"
    UNCHANGED = "it need not be read"
    UNREADABLE = "VTEX shows it, but not which order it is"
    UNCOVERED = "it need not be read now: the historical sync will bring it"


class IfUnknown(Enum):
    """Meaning of a 404 for an order that VTEX should know."""

    OUTAGE = "a failure that may be one of many"
    REJECTED = "an answer: the order is rejected, however many there are"
    FINE = "no failure: the order is gone"


class Found(NamedTuple):
    """
    Order that a source looked at; a source yields each order once.

    :param listing_hash: see ``Listing.listing_hash``.
    :param drop_if_cart: do not land its document if it is no order yet.
    :param served: what VTEX shows of it instead, if it is unreadable.
    """

    order_id: str
    verdict: Verdict = Verdict.DUE
    listing_hash: int | None = None
    drop_if_cart: bool = False
    if_unknown: IfUnknown = IfUnknown.OUTAGE
    served: bytes = b""


class Reader:
    """
    Read documents while a source is still finding orders.

    Memory holds order ids and one unfinished part, never a window's documents.

    :param in_flight: most documents under way at once.
    :ivar failed: orders VTEX did not serve; they end in ``cdp.rejected_orders``.
    :ivar unanswered: ids of the failed orders that an outage may explain.
    :ivar unkept: ids of orders marked ``drop_if_cart`` whose documents were not landed.
    """

    def __init__(self, client: VtexClient, landing: LandingWriter, *, in_flight: int) -> None:
        self._client, self._landing, self._in_flight = client, landing, in_flight
        self._due: asyncio.Queue[Found | None] = asyncio.Queue(maxsize=4 * in_flight)
        self._listed = self._skipped = self._uncovered = self._fetched = 0
        self.failed: list[Landed] = []
        self.unanswered: list[str] = []
        self.unkept: list[str] = []

    def counts(self) -> dict[str, int]:
        """Return counts as in ``cdp.sync_runs``; documents taken over from an interrupted attempt count as fetched."""
        return {
            "listed": self._listed,
            "skipped": self._skipped,
            "uncovered": self._uncovered,
            "fetched": self._fetched + len(self._landing.taken_over),
            "failed": len(self.failed),
            "requests": self._client.requests,
            "throttled": self._client.pace.throttled,
        }

    async def run(self, source: AsyncIterator[Found]) -> None:
        """
        Read the orders that the source finds due.

        :raises VtexError: if the source fails, or too many documents fail.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(self._in_flight):
                    tasks.create_task(self._read_due())
                tasks.create_task(self._follow(source))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _follow(self, source: AsyncIterator[Found]) -> None:
        unseen = set(self._landing.taken_over)
        async for found in source:
            self._listed += 1
            unseen.discard(found.order_id)
            if found.verdict is Verdict.DUE:
                await self._due.put(found)
            elif found.verdict is Verdict.UNREADABLE:
                error = "a row of VTEX's list has no orderId that can be read"
                self.failed.append(Landed(found.order_id, clock.now(), error=error, served=found.served))
                self._count_failure(found.order_id, error, status=200)
            elif found.verdict is not Verdict.LANDED:
                self._skipped += 1
                self._uncovered += found.verdict is Verdict.UNCOVERED
        # Landed by an interrupted attempt but no longer listed: they still count as orders of the window.
        self._listed += len(unseen)
        for _ in range(self._in_flight):
            await self._due.put(None)

    async def _read_due(self) -> None:
        while (due := await self._due.get()) is not None:
            try:
                document = await self._client.order(due.order_id)
            except VtexError as failure:
                self._tolerate(failure, due)
                continue
            if due.drop_if_cart and is_cart(document.body):
                self._skip(due)
                continue
            body = msgspec.Raw(document.body)
            self._landing.add(Landed(due.order_id, document.served_at, due.listing_hash, document=body))
            self._fetched += 1

    def _skip(self, due: Found) -> None:
        self._skipped += 1
        if due.drop_if_cart:
            self.unkept.append(due.order_id)

    def _tolerate(self, failure: VtexError, due: Found) -> None:
        """Record a failure; raise if there are too many. One bad order must not block a shop; many are an outage."""
        if isinstance(failure, VtexUnauthorized | VtexForbidden):
            raise failure
        is_answer = isinstance(failure, VtexNotFound)
        if is_answer and due.if_unknown is IfUnknown.FINE:
            self._skip(due)
            return
        served = (failure.body if isinstance(failure, VtexUnreadable) else None) or b""
        self.failed.append(Landed(due.order_id, clock.now(), due.listing_hash, error=str(failure), served=served))
        if due.drop_if_cart:
            self.unkept.append(due.order_id)
        if is_answer and due.if_unknown is IfUnknown.REJECTED:
            return
        self._count_failure(due.order_id, str(failure), status=failure.status)

    def _count_failure(self, order_id: str, reason: str, *, status: int | None) -> None:
        self.unanswered.append(order_id)
        if len(self.unanswered) > tolerated(self._listed):
            raise VtexUnavailable(
                f"{len(self.unanswered)} orders could not be read, the last because: {reason}",
                tenant=self._client.tenant,
                path=self._client.orders.list_path,
                status=status,
                remedy="Airflow retries; clear this task once VTEX answers again",
            )
