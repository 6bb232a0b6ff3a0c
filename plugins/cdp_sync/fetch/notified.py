"""Which of the orders that feed and hook told of must be read."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from cdp_sync.fetch.landing import LandingWriter
from cdp_sync.fetch.reader import Fetch, is_cart
from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexError, VtexNotFound

FETCH_SECONDS = 150
"""How long a run reads documents at most: the next one comes soon, and the inbox keeps what is left."""
MOST_ORDERS = 20_000
CLOCKS_AGREE = timedelta(seconds=2)
"""A document VTEX served this long after a change shows it, whichever of its machines stamped which."""


class NotifiedOrders(Fetch):
    """
    A fetch of what the inbox holds: each order once, however often it changed; none that was read since it changed.

    :param batch_id: takes the notifications; the merge of the same batch marks them processed.
    """

    def __init__(
        self,
        client: VtexClient,
        landing: LandingWriter,
        inbox: SqlRunner,
        *,
        tenant_id: int,
        batch_id: str,
        in_flight: int,
    ) -> None:
        super().__init__(client, landing, in_flight=in_flight)
        self._inbox = inbox
        self._key = {"tenant_id": tenant_id, "batch_id": batch_id}
        self._unserved: list[str] = []

    async def run(self) -> None:
        await super().run()
        if self._unserved:
            # They have their turn again: the merge of this batch must not mark them processed.
            await asyncio.to_thread(self._inbox.run, "inbox/let_go", **self._key, order_ids=self._unserved)

    async def find(self) -> None:
        orders = int(min(MOST_ORDERS, self.client.pace.full_rate * FETCH_SECONDS))
        for row in await asyncio.to_thread(self._inbox.rows, "inbox/claim", **self._key, orders=orders):
            order_id = row["order_id"]
            self.seen.add(order_id)
            if self._landed_since(order_id, row["changed_at"]):
                continue
            if row["due"]:
                await self.read(order_id)
            else:
                self.skipped += 1

    def _landed_since(self, order_id: str, changed_at: datetime) -> bool:
        landed = self.landing.taken_over.get(order_id)
        if landed is None:
            return False
        if landed.fetched_at < changed_at + CLOCKS_AGREE:
            self.landing.disown(order_id)
            return False
        return True

    async def accepts(self, order_id: str, document: bytes) -> bool:
        # VTEX tells of carts as well; one that becomes an order is told of again.
        return not is_cart(document)

    def is_outage(self, failure: VtexError, order_id: str) -> bool:
        if isinstance(failure, VtexNotFound):
            return False  # an answer, however many orders it is given for
        self._unserved.append(order_id)
        return True
