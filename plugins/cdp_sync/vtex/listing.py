"""Listing of a window's orders, checked against VTEX's own count."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.dates import read_date
from cdp_sync.vtex.errors import VtexListingIncomplete, VtexRefused
from cdp_sync.vtex.lenient_json import decode_loosely
from cdp_sync.vtex.order_document import is_order_id
from cdp_sync.vtex.orders_api import Filters
from cdp_sync.windows import Window

MAX_PAGES = 30
"""Last page VTEX serves, whatever the page size."""
PASSES = 4
PASS_PAUSE_SECONDS = 1.0
SHORTEST = timedelta(seconds=1)
"""Shortest query: the list shows seconds, so one this short cannot be halved further."""
MOST_CENTS = 1e18
"""Bound of a total: no order's is higher, and single precision holds every number below."""


@dataclass(frozen=True, slots=True)
class Listing:
    """
    Row of the order list; only its id is sure to be there.

    :param created_at: None if it cannot be read.
    :param last_change: to the second; None if the account's list does not carry it, or it cannot be read.
    :param listing_hash: signed 64-bit hash of the row; None if it carries ``lastChange``.
    :param status: None if the row has none that can be read.
    :param total_cents: as a single-precision float holds it, rounded where it is high; None if it cannot be read.
    :param unreadable: the row as served if its id cannot be read; ``order_id`` then stands for it.
    """

    order_id: str
    created_at: datetime | None
    last_change: datetime | None
    listing_hash: int | None
    status: str | None = None
    total_cents: float | None = None
    unreadable: bytes | None = None


class _Row(msgspec.Struct):
    orderId: Any = None
    creationDate: Any = None
    lastChange: Any = None
    # Raw: a number no float can hold would make the whole row unreadable.
    status: msgspec.Raw = msgspec.Raw(b"null")
    totalValue: msgspec.Raw = msgspec.Raw(b"null")


class _Paging(msgspec.Struct):
    total: int
    pages: int


class _Page(msgspec.Struct, rename={"rows": "list"}):
    rows: list[msgspec.Raw]
    paging: _Paging


@dataclass(frozen=True)
class _ReadPage:
    rows: list[Listing]
    total: int
    pages: int


def _listing(raw: bytes) -> Listing:
    digest = hashlib.blake2b(raw, digest_size=8).digest()
    try:
        row = msgspec.json.decode(raw, type=_Row)
    except msgspec.ValidationError:
        row = _Row()
    order_id = str(row.orderId) if type(row.orderId) is int else row.orderId
    if not is_order_id(order_id):
        return Listing(f"unreadable list row {digest.hex()}", None, None, None, unreadable=raw)
    last_change = _moment(row.lastChange)
    listing_hash = None if last_change else int.from_bytes(digest, signed=True)
    status, total = _scalar(row.status), _scalar(row.totalValue)
    return Listing(
        order_id,
        _moment(row.creationDate),
        last_change,
        listing_hash,
        status=status if isinstance(status, str) and "\0" not in status else None,
        total_cents=float(total) if type(total) in (int, float) and abs(total) < MOST_CENTS else None,
    )


def _scalar(raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _moment(value: Any) -> datetime | None:
    try:
        return read_date(value)
    except (TypeError, ValueError):
        return None


def _read(body: bytes) -> _ReadPage:
    page = decode_loosely(body, _Page)
    return _ReadPage([_listing(bytes(raw)) for raw in page.rows], page.paging.total, page.paging.pages)


def _milliseconds(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def list_orders(
    client: VtexClient, window: Window, *, date_field: str, page_size: int, carts: bool = False
) -> AsyncIterator[list[Listing]]:
    """
    Yield every order whose date lies in a window, page by page, each at least once.

    A query VTEX would cut at page 30 is halved in time. Halves share their edge: VTEX's ranges are inclusive to the
    millisecond but dates are finer, and an order on the edge must fall into one of them. So an order may come twice,
    and one a fraction past the end may come too.

    :param date_field: ``creationDate``, ``authorizedDate`` or ``invoicedDate``.
    :param page_size: at most 100.
    :param carts: list incomplete orders instead, which VTEX hides otherwise.
    :raises VtexListingIncomplete: if the distinct orders seen do not reach VTEX's own count after several passes.
    """
    query: dict[str, str | int | bool] = {
        f"f_{date_field}": f"{date_field}:[{_milliseconds(window.start)} TO {_milliseconds(window.end)}]",
        "orderBy": "creationDate,asc",
        "per_page": page_size,
    }
    if carts:
        query["incompleteOrders"] = True
    try:
        first = await client.list_page({**query, "page": 1}, _read)
        fits = first.total <= MAX_PAGES * page_size and first.pages <= MAX_PAGES
        if fits:
            async for rows in _every_page(client, window, query, first):
                yield rows
            return
    except _TooManyPages:
        pass
    if window.length <= SHORTEST:
        raise VtexListingIncomplete(
            f"more than {MAX_PAGES} pages of orders in one second, {window}",
            tenant=client.tenant,
            path=client.orders.list_path,
        )
    for half in window.halves():
        async for rows in list_orders(client, half, date_field=date_field, page_size=page_size, carts=carts):
            yield rows


class _TooManyPages(Exception):
    """The list exceeds 30 pages although its first page did not say so."""


async def _every_page(
    client: VtexClient, window: Window, query: Filters, first: _ReadPage
) -> AsyncIterator[list[Listing]]:
    seen: set[str] = set()
    complaint = ""
    for completed_passes in range(PASSES):
        if completed_passes:
            await asyncio.sleep(PASS_PAUSE_SECONDS * completed_passes)
            first = await client.list_page({**query, "page": 1}, _read)
        page, number, previous = first, 1, None
        while True:
            ids = [row.order_id for row in page.rows]
            if ids and ids == previous:
                complaint = f"page {number} repeats page {number - 1}"
                break
            fresh = [row for row in page.rows if row.order_id not in seen]
            seen.update(ids)
            if fresh:
                yield fresh
            if number >= page.pages or not ids:
                complaint = f"listed {len(seen)} of {page.total} orders"
                break
            number += 1
            page, previous = await _page(client, query, number), ids
        if len(seen) >= page.total:
            return
    raise VtexListingIncomplete(
        f"the list of {window} stayed incomplete over {PASSES} passes, {complaint}",
        tenant=client.tenant,
        path=client.orders.list_path,
        remedy="VTEX is indexing: clear this task in an hour if Airflow's retries fail too",
    )


async def _page(client: VtexClient, query: Filters, number: int) -> _ReadPage:
    if number > MAX_PAGES:
        raise _TooManyPages
    try:
        return await client.list_page({**query, "page": number}, _read)
    except VtexRefused:  # "Max page exceed": VTEX's count and its limit disagree
        raise _TooManyPages from None
