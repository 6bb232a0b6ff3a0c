"""Source of orders: those VTEX's list shows, and those it may hide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.fetch.reader import Found, IfUnknown, Verdict
from cdp_sync.fetch.rereads import Rereads
from cdp_sync.sql_files import SqlRunner
from cdp_sync.sync_types import SyncType
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.listing import Listing, list_orders
from cdp_sync.windows import Window

RECHECK_MAX_AGE_DAYS = 60
"""Oldest open orders to recheck: some stay open for ever, and are left to the weekly refresh."""
LISTED_TO_THE_SECOND = timedelta(seconds=2)
"""Time after a listed change from which a document shows all changes of that second."""
VERDICTS = {"fetch": Verdict.DUE, "uncovered": Verdict.UNCOVERED}


@dataclass(frozen=True, kw_only=True)
class ListedPlan:
    """
    Parameters of a listing.

    :param listed_from: creation dates are listed from here; earlier than the window to see updates of older orders.
    :param changed_from: payments and invoices are listed from here.
    :param as_of: the run's moment.
    :param reread_before: read orders last read before this again, where the list does not show their changes; None to
        read none.
    :param force: read every order of the window again.
    :param sample_percent: share of unchanged orders that a comparing sync reads anyway.
    :param unmasks: read orders with a masked buyer again, a day later.
    """

    sync_type: SyncType
    tenant_id: int
    batch_id: str
    window: Window
    listed_from: datetime
    changed_from: datetime
    as_of: datetime
    reread_before: datetime | None
    force: bool
    sample_percent: float
    unmasks: bool


async def listed_orders(
    plan: ListedPlan, client: VtexClient, landing: LandingWriter, db: SqlRunner
) -> AsyncIterator[Found]:
    """
    Yield the orders of a window and, before it, those that changed.

    :raises VtexListingIncomplete: if the list never shows as many orders as it counts.
    """
    sync_type, seen = plan.sync_type, set[str]()
    rereads = await _rereads(plan, client, db)
    for date_field in sync_type.date_fields:
        start = plan.listed_from if date_field == "creationDate" else plan.changed_from
        window = Window(start, plan.window.end)
        async for page in list_orders(client, window, date_field=date_field, page_size=sync_type.page_size):
            rows = _not_in(seen, page)
            rereads.notice(rows)
            for found in await _decide(plan, landing, db, rows, rereads):
                yield found
    await rereads.note()
    if sync_type.rechecks:
        for order_id in await _to_recheck(plan, db) - seen - landing.taken_over.keys():
            seen.add(order_id)
            yield Found(order_id)
    if sync_type.reads_carts:
        async for found in _carts(plan, client, landing, db, seen):
            yield found
    # After the carts: one of them may be an order that is due, and is listed after all.
    for order_id in rereads.take_unlisted(seen | landing.taken_over.keys()):
        seen.add(order_id)
        yield Found(order_id, if_unknown=IfUnknown.FINE)
    rereads.report()
    if sync_type.compares:
        for order_id in sorted(await _unlisted(plan, db) - seen - landing.taken_over.keys()):
            seen.add(order_id)
            yield Found(order_id, if_unknown=IfUnknown.FINE)  # if gone, the comparison marks it


def _not_in(seen: set[str], page: list[Listing]) -> list[Listing]:
    """Return the rows of a page that were not seen before; mark them seen."""
    rows = [row for row in page if row.order_id not in seen]
    seen.update(row.order_id for row in rows)
    return rows


async def _rereads(plan: ListedPlan, client: VtexClient, db: SqlRunner) -> Rereads:
    rereads = Rereads(db, tenant=client.tenant, tenant_id=plan.tenant_id, as_of=plan.as_of)
    if plan.reread_before is not None:
        time, oldest = plan.sync_type.rereads_for, plan.as_of - timedelta(days=RECHECK_MAX_AGE_DAYS)
        await rereads.find(
            created_from=plan.listed_from,
            read_before=plan.reread_before,
            open_from=oldest if plan.sync_type.rechecks else plan.listed_from,
            most=int(client.pace.full_rate * time.total_seconds()),
            time=time,
        )
    return rereads


async def _decide(
    plan: ListedPlan, landing: LandingWriter, db: SqlRunner, rows: list[Listing], rereads: Rereads
) -> list[Found]:
    await _record(plan, db, rows)
    found = [Found(row.order_id, Verdict.UNREADABLE, served=row.unreadable) for row in rows if row.unreadable]
    rows = [row for row in rows if not row.unreadable]
    landed = {row.order_id for row in rows if _landed_as_listed(landing, row)}
    found += [Found(order_id, Verdict.LANDED) for order_id in landed]
    rows = [row for row in rows if row.order_id not in landed]
    # Without its date nobody can say whose window an order is in: it is read.
    found += [Found(row.order_id, Verdict.DUE, row.listing_hash) for row in rows if row.created_at is None]
    rows = [row for row in rows if row.created_at is not None]
    if not rows:
        return found
    decisions = await asyncio.to_thread(
        db.rows,
        "listing/orders_to_fetch",
        tenant_id=plan.tenant_id,
        window_start=plan.window.start,
        window_end=plan.window.end,
        as_of=plan.as_of,
        force=plan.force,
        recheck=plan.sync_type.rechecks,
        compares=plan.sync_type.compares,
        sample_percent=plan.sample_percent,
        unmasks=plan.unmasks,
        # A new sample each day, but the same one if the run is cleared.
        sample_seed=plan.as_of.toordinal(),
        order_ids=[row.order_id for row in rows],
        created=[row.created_at for row in rows],
        changed=[row.last_change for row in rows],
        hashes=[row.listing_hash for row in rows],
        statuses=[row.status for row in rows],
        totals=[row.total_cents for row in rows],
    )
    verdicts = {decision["order_id"]: VERDICTS[decision["decision"]] for decision in decisions}
    for row in rows:
        if row.order_id not in verdicts:
            verdicts[row.order_id] = Verdict.DUE if rereads.take(row) else Verdict.UNCHANGED
    return found + [Found(row.order_id, verdicts[row.order_id], row.listing_hash) for row in rows]


async def _record(plan: ListedPlan, db: SqlRunner, rows: list[Listing]) -> None:
    """Store the listed rows for the comparison, if the sync compares."""
    readable = [row for row in rows if not row.unreadable]
    if plan.sync_type.compares and readable:
        await asyncio.to_thread(
            db.run,
            "listing/record_listings",
            tenant_id=plan.tenant_id,
            batch_id=plan.batch_id,
            order_ids=[row.order_id for row in readable],
            created=[row.created_at for row in readable],
        )


def _landed_as_listed(landing: LandingWriter, row: Listing) -> bool:
    """Return whether an interrupted attempt landed the order as listed now; if it landed an older one, disown it."""
    landed = landing.taken_over.get(row.order_id)
    if landed is None:
        return False
    if row.last_change is None:
        as_listed = row.listing_hash == landed.listing_hash
    else:
        as_listed = landed.fetched_at >= row.last_change + LISTED_TO_THE_SECOND
    if not as_listed:
        landing.disown(row.order_id)
    return as_listed


async def _to_recheck(plan: ListedPlan, db: SqlRunner) -> set[str]:
    """Return orders to read again although their list row shows no change, nor will."""
    rows = await asyncio.to_thread(
        db.rows,
        "listing/orders_to_recheck",
        tenant_id=plan.tenant_id,
        as_of=plan.as_of,
        max_age_days=RECHECK_MAX_AGE_DAYS,
    )
    return {row["order_id"] for row in rows}


async def _carts(
    plan: ListedPlan, client: VtexClient, landing: LandingWriter, db: SqlRunner, seen: set[str]
) -> AsyncIterator[Found]:
    """Yield orders that VTEX's index takes for carts; their documents show which are orders by now."""
    page_size = plan.sync_type.page_size
    async for page in list_orders(client, plan.window, date_field="creationDate", page_size=page_size, carts=True):
        rows = _not_in(seen, page)
        await _record(plan, db, rows)
        for row in rows:
            if row.unreadable:
                yield Found(row.order_id, Verdict.UNREADABLE, served=row.unreadable)
            elif _landed_as_listed(landing, row):
                yield Found(row.order_id, Verdict.LANDED)
            else:
                yield Found(row.order_id, Verdict.DUE, row.listing_hash, drop_if_cart=True, if_unknown=IfUnknown.FINE)


async def _unlisted(plan: ListedPlan, db: SqlRunner) -> set[str]:
    """Return stored orders to read that the list does not show; VTEX may still serve them."""
    await asyncio.to_thread(db.run, "listing/analyze_listings")
    rows = await asyncio.to_thread(
        db.rows,
        "listing/unlisted_orders",
        tenant_id=plan.tenant_id,
        batch_id=plan.batch_id,
        window_start=plan.window.start,
        window_end=plan.window.end,
        as_of=plan.as_of,
    )
    return {row["order_id"] for row in rows}
