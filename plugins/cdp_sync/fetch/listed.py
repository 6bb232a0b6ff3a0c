"""Which orders a window has, and which of them must be read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp_sync.fetch.landing import LandingWriter
from cdp_sync.fetch.reader import Fetch, is_cart
from cdp_sync.fetch.shared_rate import SharedRate
from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.listing import Listing, list_orders
from cdp_sync.windows import Window

RECHECK_MAX_AGE_DAYS = 60
"""Orders can be stuck in an open state for ever; older ones are left to the weekly refresh."""
LISTED_TO_THE_SECOND = timedelta(seconds=2)
"""A document read this long after a listed change shows all of that second's changes."""


@dataclass(frozen=True, kw_only=True)
class FetchPlan:
    """
    What a fetch looks at.

    :param listed_from: creation dates are listed from here, before the window too where updates are sought.
    :param changed_from: payments and invoices are listed from here.
    :param as_of: the run's moment.
    :param force: read every order of the window again.
    :param recheck: also read what is known to need another look.
    :param carts: also look at incomplete orders, which VTEX hides: its index can take an order for a cart for good.
    :param compare: keep what is listed for a comparison with what is stored, and read what the list may hide: orders
        still open, a sample of the others, and what is stored but not listed.
    :param sample_percent: size of that sample.
    :param in_flight: documents under way at once.
    :param shares_rate: other fetches of the tenant, of the same sync type, may run at the same time.
    """

    tenant_id: int
    batch_id: str
    window: Window
    listed_from: datetime
    changed_from: datetime
    as_of: datetime
    date_fields: tuple[str, ...]
    page_size: int
    force: bool
    recheck: bool
    carts: bool
    compare: bool
    sample_percent: float
    in_flight: int
    shares_rate: bool


class ListedOrders(Fetch):
    """A fetch of what VTEX's list shows, and of what it may hide."""

    def __init__(self, plan: FetchPlan, client: VtexClient, landing: LandingWriter, planner: SqlRunner) -> None:
        share = SharedRate(planner, plan.tenant_id, client.pace) if plan.shares_rate else None
        super().__init__(client, landing, in_flight=plan.in_flight, share=share)
        self._plan = plan
        self._planner = planner
        self._queued: set[str] = set()
        self._unlisted: set[str] = set()
        self._carts: dict[str, datetime] = {}
        self._lists_changes = True
        self._uncovered = 0

    def counts(self) -> dict[str, int]:
        return super().counts() | {"uncovered": self._uncovered}

    async def find(self) -> None:
        plan = self._plan
        for date_field in plan.date_fields:
            start = plan.listed_from if date_field == "creationDate" else plan.changed_from
            window = Window(start, plan.window.end)
            async for page in list_orders(self.client, window, date_field=date_field, page_size=plan.page_size):
                await self._decide(page)
        if plan.recheck:
            await self._recheck()
        if plan.carts:
            await self._read_carts()
        if plan.compare:
            await self._read_unlisted()

    async def _decide(self, page: list[Listing]) -> None:
        rows = [row for row in page if row.order_id not in self.seen]
        self.seen.update(row.order_id for row in rows)
        self._lists_changes &= all(row.last_change is not None for row in rows)
        plan = self._plan
        await self._record({row.order_id: row.created_at for row in rows})
        rows = [row for row in rows if not self._landed_already(row)]
        if not rows:
            return
        decisions = await asyncio.to_thread(
            self._planner.rows,
            "listing/orders_to_fetch",
            tenant_id=plan.tenant_id,
            window_start=plan.window.start,
            window_end=plan.window.end,
            force=plan.force,
            open_orders=plan.compare,
            sample_percent=plan.sample_percent,
            # Another sample each day, the same one if the run is cleared.
            sample_seed=plan.as_of.toordinal(),
            order_ids=[row.order_id for row in rows],
            created=[row.created_at for row in rows],
            changed=[row.last_change for row in rows],
            hashes=[row.listing_hash for row in rows],
        )
        hashes = {row.order_id: row.listing_hash for row in rows}
        due = [decision["order_id"] for decision in decisions if decision["decision"] == "fetch"]
        self._uncovered += len(decisions) - len(due)
        self.skipped += len(rows) - len(due)
        for order_id in due:
            await self._queue(order_id, hashes[order_id])

    async def _record(self, listed: dict[str, datetime]) -> None:
        """Keep what VTEX has, by creation date, for the comparison."""
        if self._plan.compare and listed:
            await asyncio.to_thread(
                self._planner.run,
                "listing/record_listings",
                tenant_id=self._plan.tenant_id,
                batch_id=self._plan.batch_id,
                order_ids=list(listed),
                created=list(listed.values()),
            )

    def _landed_already(self, row: Listing) -> bool:
        """Whether an interrupted attempt landed the order as the list has it now; what it landed else is left out."""
        landed = self.landing.taken_over.get(row.order_id)
        if landed is None:
            return False
        if row.last_change is None:
            as_listed = row.listing_hash == landed.listing_hash
        else:
            as_listed = landed.fetched_at >= row.last_change + LISTED_TO_THE_SECOND
        if not as_listed:
            self.landing.disown(row.order_id)
        return as_listed

    async def _queue(self, order_id: str, listing_hash: int | None) -> None:
        self._queued.add(order_id)
        await self.read(order_id, listing_hash)

    async def _recheck(self) -> None:
        found = await asyncio.to_thread(
            self._planner.rows,
            "listing/orders_to_recheck",
            tenant_id=self._plan.tenant_id,
            as_of=self._plan.as_of,
            open_orders=not self._lists_changes,
            max_age_days=RECHECK_MAX_AGE_DAYS,
        )
        for order_id in {row["order_id"] for row in found} - self._queued - self.landing.taken_over.keys():
            self.skipped -= order_id in self.seen  # the list showed it, unchanged as far as the list can tell
            self.seen.add(order_id)
            await self._queue(order_id, None)

    async def _read_carts(self) -> None:
        """What VTEX's index takes for carts; those that are orders by now are known by their documents."""
        plan = self._plan
        pages = list_orders(self.client, plan.window, date_field="creationDate", page_size=plan.page_size, carts=True)
        async for page in pages:
            for row in page:
                if row.order_id in self.seen:
                    continue
                self.seen.add(row.order_id)
                if self._landed_already(row):
                    await self._record({row.order_id: row.created_at})
                else:
                    self._carts[row.order_id] = row.created_at
                    await self._queue(row.order_id, row.listing_hash)

    async def _read_unlisted(self) -> None:
        """Orders of the window that are stored and that the list does not show: VTEX may still serve them."""
        plan = self._plan
        found = await asyncio.to_thread(
            self._planner.rows,
            "listing/unlisted_orders",
            tenant_id=plan.tenant_id,
            batch_id=plan.batch_id,
            window_start=plan.window.start,
            window_end=plan.window.end,
        )
        self._unlisted = {row["order_id"] for row in found} - self.landing.taken_over.keys()
        for order_id in sorted(self._unlisted - self.seen):
            self.seen.add(order_id)
            await self._queue(order_id, None)

    async def accepts(self, order_id: str, document: bytes) -> bool:
        if order_id in self._carts:
            if is_cart(document):
                return False
            await self._record({order_id: self._carts[order_id]})
        return True

    def may_be_unknown(self, order_id: str) -> bool:
        # Gone from VTEX altogether; of an order, the comparison marks it.
        return order_id in self._unlisted or order_id in self._carts
