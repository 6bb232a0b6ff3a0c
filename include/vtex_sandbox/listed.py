"""Orders that match a list request: generated ones and put ones, sorted and paged."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import msgspec

from vtex_sandbox.clock import ticks
from vtex_sandbox.listing import page_body
from vtex_sandbox.query import Query
from vtex_sandbox.store import Store


class Listed(NamedTuple):
    """
    An order as the list has it.

    :param created: in ticks; a row cuts them to the second.
    """

    created: int
    body: bytes
    row: dict[str, Any]


SORTS: dict[str, Callable[[Listed], Any]] = {
    "orderId": lambda listed: listed.row["orderId"],
    "items": lambda listed: listed.row["totalItems"],
    "totalValue": lambda listed: listed.row["totalValue"],
    "origin": lambda listed: listed.row["origin"],
}
"""Sort keys by name; any other name sorts by creation."""


def list_page(
    store: Store, parameters: dict[str, str], at: int, *, shift: int = 0, lie: int = 0, page_again: int = 0
) -> bytes:
    """
    Return a page of the list.

    :param shift: rows by which pages after the first are moved.
    :param lie: number of orders the total counts too many.
    :param page_again: serve this page, whichever was requested.
    :raises BadQuery: if VTEX would refuse it.
    """
    query = Query.read(parameters)
    start = ((page_again or query.page) - 1) * query.per_page + (shift if query.page > 1 else 0)
    find = _by_creation if query.by_creation_only and not store.puts else _by_looking
    rows, total = find(store, query, at, start)
    return page_body(rows, total=total + lie, page=query.page, per_page=query.per_page)


def _by_creation(store: Store, query: Query, at: int, start: int) -> tuple[list[bytes], int]:
    """Find rows by bisection instead of checking every order."""
    first, last = query.creation(at)
    found = []
    for day in store.days(first, last):
        orders, created = day.listed(at)
        if store.unlisted:
            orders = [order for order in orders if order.order_id not in store.unlisted]
            created = [order.created for order in orders]
        found.append(orders[bisect.bisect_left(created, first) : bisect.bisect_right(created, last)])
    total = sum(map(len, found))
    left_out = start if query.ascending else total - start - query.per_page
    rows: list[bytes] = []
    for orders in found:
        shown = orders[max(left_out, 0) : max(left_out + query.per_page, 0)]
        rows += [store.row(order, order.listed_version(at)) for order in shown]
        left_out -= len(orders)
    return (rows if query.ascending else rows[::-1]), total


def _by_looking(store: Store, query: Query, at: int, start: int) -> tuple[list[bytes], int]:
    documents = store.listed_puts(at)
    generated = _generated(store, query, at, without=store.unlisted | documents.keys())
    put = _put(store, query, list(documents.values()))
    found = [listed for listed in [*generated, *put] if query.matches(listed.row)]
    found.sort(key=SORTS.get(query.sort, lambda listed: listed.created), reverse=not query.ascending)
    return [listed.body for listed in found[max(start, 0) : start + query.per_page]], len(found)


def _generated(store: Store, query: Query, at: int, *, without: set[str]) -> Iterator[Listed]:
    for order in store.orders(*query.creation(at)):
        version = order.listed_version(at)
        if not version or order.order_id in without:
            continue
        if query.wants(complete=order.complete(version), date=partial(order.date, version=version)):
            body = store.row(order, version)
            yield Listed(order.created, body, msgspec.json.decode(body))


def _put(store: Store, query: Query, documents: list[dict[str, Any]]) -> Iterator[Listed]:
    for document in documents:
        if query.wants(complete=bool(document.get("isCompleted", True)), date=partial(_date, document)):
            row = store.row_of(document)
            yield Listed(ticks(document["creationDate"]), msgspec.json.encode(row), row)


def _date(document: dict[str, Any], field: str) -> int | None:
    return ticks(document[field]) if document.get(field) else None
