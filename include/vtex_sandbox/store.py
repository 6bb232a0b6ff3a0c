"""One account: its orders, generated and put, and the answers about them."""

from __future__ import annotations

import bisect
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import msgspec

from vtex_sandbox.clock import DAY, SECOND, detail_date, ticks
from vtex_sandbox.documents import render
from vtex_sandbox.listing import DATE_FILTERS, SORTS, date_range, matches, page_body, paging, row_of
from vtex_sandbox.orders import DAY_ZERO, Day, Order, day_number, days_of, make_day, make_sold_for
from vtex_sandbox.puts import Put, Told
from vtex_sandbox.scenario import Account, Scenario

MEMORY = 730 * DAY
LONGEST_LIFE = 15 * DAY
DAYS_KEPT = 1500


class Store:
    """All that one account knows."""

    def __init__(self, name: str, account: Account, scenario: Scenario) -> None:
        self.name, self.account, self._scenario = name, account, scenario
        self._days: OrderedDict[int, Day] = OrderedDict()
        self.puts: dict[str, Put] = {}
        self.unlisted: set[str] = set()
        self.gone: set[str] = set()
        self.told: list[Told] = []

    def day(self, number: int) -> Day:
        """The orders of a day."""
        if number in self._days:
            self._days.move_to_end(number)
            return self._days[number]
        seed = self._scenario.seed
        orders = make_day(seed, self.name, self.account, number)
        if (other := self.account.sells_for) in self._scenario.accounts:
            orders += make_sold_for(seed, self.account, make_day(seed, other, self._scenario.accounts[other], number))
        self._days[number] = Day(orders)
        if len(self._days) > DAYS_KEPT:
            self._days.popitem(last=False)
        return self._days[number]

    # Detail

    def detail(self, order_id: str, at: int) -> bytes | None:
        """The document of an order, by id or ``seq…``; None where VTEX knows none, or has forgotten it."""
        if order_id in self.gone:
            return None
        if (put := self.puts.get(order_id)) and (latest := put.latest(at)):
            return latest[0]
        order = self._find(order_id)
        if order is None or order.created < at - MEMORY or not (version := order.version(at)):
            return None
        return self._body(order, version)

    def group(self, name: str, at: int) -> list[bytes]:
        """The documents of one purchase."""
        found = [
            order
            for number in days_of(name)
            for order in self.day(number).orders
            if order.group == name and order.version(at) and order.created >= at - MEMORY
        ]
        return [body for order in found if (body := self.detail(order.order_id, at))]

    def _find(self, order_id: str) -> Order | None:
        by_sequence = order_id.startswith("seq") and order_id[3:].isdigit()
        for number in days_of(order_id):
            if not 0 <= number < 10_000:
                continue
            day = self.day(number)
            found = day.by_sequence.get(int(order_id[3:])) if by_sequence else day.by_id.get(order_id)
            if found:
                return found
        return None

    def _body(self, order: Order, version: int) -> bytes:
        if order.detail is None or order.detail[0] != version:
            order.detail = version, render(order, version, self.account, self._scenario.seed, self.name)
        return order.detail[1]

    def _row(self, order: Order, version: int) -> bytes:
        if order.row is None or order.row[0] != version:
            document = msgspec.json.decode(render(order, version, self.account, self._scenario.seed, self.name))
            order.row = version, msgspec.json.encode(row_of(document, last_change=self.account.list_last_change))
        return order.row[1]

    # List

    def page(self, query: dict[str, str], at: int, *, shift: int = 0, lie: int = 0, page_again: int = 0) -> bytes:
        """
        A page of the list. :raises BadQuery: as VTEX refuses it.

        :param shift: rows by which pages after the first have moved.
        :param lie: how many orders more the total counts.
        :param page_again: serve this page, whichever was asked for.
        """
        page, per_page = paging(query)
        shown = page_again or page
        start = (shown - 1) * per_page + (shift if page > 1 else 0)
        if set(query) <= {"f_creationDate", "orderBy", "page", "per_page"} and not self.puts:
            rows, total = self._by_creation(query, at, start, per_page)
        else:
            rows, total = self._filtered(query, at, start, per_page)
        return page_body(rows, total=total + lie, page=page, per_page=per_page)

    def _by_creation(self, query: dict[str, str], at: int, start: int, count: int) -> tuple[list[bytes], int]:
        """The everyday query, by bisection rather than by looking at every order."""
        field, _, direction = query.get("orderBy", "creationDate,desc").partition(",")
        if field != "creationDate":
            return self._filtered(query, at, start, count)
        first, last = self._creation_bounds(query, at)
        picked: list[tuple[list[Order], int, int]] = []
        for number in range(max(0, day_number(first)), day_number(last) + 1):
            orders, created = self.day(number).listed(at, DAY_ZERO + (number + 1) * DAY)
            if self.unlisted:
                orders = [order for order in orders if order.order_id not in self.unlisted]
                created = [order.created for order in orders]
            picked.append((orders, bisect.bisect_left(created, first), bisect.bisect_right(created, last)))
        total = sum(end - begin for _, begin, end in picked)
        wanted = start if direction == "asc" else total - start - count
        rows: list[bytes] = []
        position = 0
        for orders, begin, end in picked:
            places = range(max(0, wanted - position), min(end - begin, wanted + count - position))
            rows += [self._row(orders[begin + place], orders[begin + place].listed_version(at)) for place in places]
            position += end - begin
        return (rows if direction == "asc" else rows[::-1]), total

    def _creation_bounds(self, query: dict[str, str], at: int) -> tuple[int, int]:
        first, last = date_range(query, "f_creationDate") or (0, at)
        return max(first, at - MEMORY), min(last, at)

    def _filtered(self, query: dict[str, str], at: int, start: int, count: int) -> tuple[list[bytes], int]:
        rows = [row for row in self._rows(query, at) if matches(row["row"], query)]
        field, _, direction = query.get("orderBy", "creationDate,desc").partition(",")
        rows.sort(key=SORTS.get(field, SORTS["creationDate"]), reverse=direction != "asc")
        return [row["body"] for row in rows[max(start, 0) : start + count]], len(rows)

    def _rows(self, query: dict[str, str], at: int) -> Iterator[dict[str, Any]]:
        incomplete = query.get("incompleteOrders") == "true"
        ranges = {field: found for name, field in DATE_FILTERS.items() if (found := date_range(query, name))}
        first, last = self._creation_bounds(query, at)
        if other := [found for field, found in ranges.items() if field != "creationDate"]:
            first = max(first, min(found[0] for found in other) - LONGEST_LIFE)
            last = min(last, max(found[1] for found in other))
        for number in range(max(0, day_number(first)), day_number(last) + 1):
            for order in self.day(number).orders:
                if order.order_id in self.unlisted or (
                    order.order_id in self.puts and self.puts[order.order_id].listed(at)
                ):
                    continue
                version = order.listed_version(at)
                if not version or order.complete(version) == incomplete or not first <= order.created <= last:
                    continue
                moments = {"authorizedDate": "authorized", "invoicedDate": "invoiced"}
                if all(_within(order.moment(moments[f], version), r) for f, r in ranges.items() if f in moments):
                    body = self._row(order, version)
                    yield {"created": order.created, "body": body, "row": msgspec.json.decode(body)}
        for order_id, put in self.puts.items():
            document = put.listed(at)
            if document and order_id not in self.unlisted and bool(document.get("isCompleted", True)) != incomplete:
                dates = {f: document.get(f) and ticks(document[f]) for f in DATE_FILTERS.values()}
                if all(_within(dates[f], r) for f, r in ranges.items()):
                    row = row_of(document, last_change=self.account.list_last_change)
                    yield {"created": dates["creationDate"], "body": msgspec.json.encode(row), "row": row}

    # Control

    def put(self, body: bytes, at: int, lag_seconds: float = 0.0) -> str:
        """Keep a document; it is served byte for byte from now on, and listed ``lag_seconds`` later."""
        document = msgspec.json.decode(body)
        order_id = str(document["orderId"])
        self._tell(order_id, document, at)
        listed = at + int(lag_seconds * SECOND)
        self.puts.setdefault(order_id, Put()).versions.append((at, listed, body, document))
        return order_id

    def _tell(self, order_id: str, document: dict[str, Any], at: int) -> None:
        body = self.detail(order_id, at)
        before = msgspec.json.decode(body) if body else {}
        since = ticks(before["lastChange"]) if before.get("lastChange") else at
        self.told.append(Told(order_id, document.get("status") or "", before.get("status") or "", since, at))

    def alter(self, order_id: str, fields: dict[str, Any], at: int, lag_seconds: float) -> bool:
        """Change fields of an order as of now; its lastChange is now. False where there is no such order."""
        body = self.detail(order_id, at)
        if body is None:
            return False
        document = msgspec.json.decode(body) | {"lastChange": detail_date(at)} | fields
        self.put(msgspec.json.encode(document), at, lag_seconds)
        return True

    def hide(self, order_id: str, *, gone: bool) -> None:
        """List an order no longer; serve it no longer either if it is ``gone``."""
        self.unlisted.add(order_id)
        if gone:
            self.gone.add(order_id)

    def show(self, order_id: str) -> None:
        """List and serve an order again."""
        self.unlisted.discard(order_id)
        self.gone.discard(order_id)

    def truth(self, first: int, last: int, at: int) -> Iterator[dict[str, Any]]:
        """Every order created in ``[first, last)`` that exists now, complete or not: what is, not what is listed."""
        apart = self.puts.keys() | self.gone
        for number in range(max(0, day_number(first)), day_number(last) + 1):
            for order in self.day(number).orders:
                if first <= order.created < last and order.order_id not in apart and order.version(at):
                    yield _summary(msgspec.json.decode(self._body(order, order.version(at))))
        for order_id, put in self.puts.items():
            if (
                order_id not in self.gone
                and (latest := put.latest(at))
                and first <= ticks(latest[1]["creationDate"]) < last
            ):
                yield _summary(latest[1])

    def warm(self, first: int, last: int, at: int) -> int:
        """Render ahead what is asked for later; returns how many orders."""
        count = 0
        for number in range(max(0, day_number(first)), day_number(last) + 1):
            for order in self.day(number).orders:
                if version := order.version(at):
                    self._body(order, version)
                    self._row(order, order.listed_version(at) or version)
                    count += 1
        return count


def _within(moment: int | None, bounds: tuple[int, int]) -> bool:
    return moment is not None and bounds[0] <= moment <= bounds[1]


def _summary(document: dict[str, Any]) -> dict[str, Any]:
    names = ("orderId", "status", "creationDate", "lastChange", "value", "isCompleted", "cancelReason")
    return {name: document.get(name) for name in names} | {"items": len(document.get("items") or [])}


def http_date(moment: int) -> str:
    """The Date header, by the sandbox's clock."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(moment // SECOND))
