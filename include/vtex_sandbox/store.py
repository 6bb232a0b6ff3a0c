"""One account: its orders, generated and put."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import msgspec

from vtex_sandbox.clock import SECOND, detail_date, ticks
from vtex_sandbox.documents import render
from vtex_sandbox.listing import row_of
from vtex_sandbox.orders import MEMORY, Day, Order, day_number, days_of, make_day, make_sold_for
from vtex_sandbox.protection import protected_row
from vtex_sandbox.puts import Altered, Put
from vtex_sandbox.scenario import Account, Scenario

DAYS_KEPT = 1500


class Store:
    """Orders of one account."""

    def __init__(self, name: str, account: Account, scenario: Scenario) -> None:
        self.name, self.account, self._scenario = name, account, scenario
        self._days: OrderedDict[int, Day] = OrderedDict()
        self.puts: dict[str, Put] = {}
        self.unlisted: set[str] = set()
        self.gone: set[str] = set()
        self.altered: list[Altered] = []

    def day(self, number: int) -> Day:
        """Return the orders of a day."""
        if number in self._days:
            self._days.move_to_end(number)
            return self._days[number]
        seed = self._scenario.seed
        orders = make_day(seed, self.account.orders_of or self.name, self.account, number)
        if (other := self.account.sells_for) in self._scenario.accounts:
            orders += make_sold_for(seed, self.account, make_day(seed, other, self._scenario.accounts[other], number))
        self._days[number] = Day(number, orders)
        if len(self._days) > DAYS_KEPT:
            self._days.popitem(last=False)
        return self._days[number]

    def days(self, first: int, last: int) -> Iterator[Day]:
        """Yield the days from one instant to another."""
        return map(self.day, range(max(0, day_number(first)), day_number(last) + 1))

    def orders(self, first: int, last: int) -> Iterator[Order]:
        """Yield the generated orders created from ``first`` to ``last``, both inclusive."""
        return (order for day in self.days(first, last) for order in day.orders if first <= order.created <= last)

    # Detail

    def detail(self, order_id: str, at: int) -> bytes | None:
        """Return the document of an order, by id or ``seq…``; None if VTEX knows none or has forgotten it."""
        if order_id in self.gone:
            return None
        if (put := self.puts.get(order_id)) and (latest := put.latest(at)):
            return latest[0]
        order = self._find(order_id)
        if order is None or order.created < at - MEMORY or not (version := order.version(at)):
            return None
        return self._body(order, version)

    def group(self, name: str, at: int) -> list[bytes]:
        """Return the documents of one purchase."""
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

    # List

    def row(self, order: Order, version: int) -> bytes:
        """Return the list row of an order after ``version`` of its events."""
        if order.row is None or order.row[0] != version:
            document = msgspec.json.decode(render(order, version, self.account, self._scenario.seed, self.name))
            order.row = version, msgspec.json.encode(self.row_of(document))
        return order.row[1]

    def row_of(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the list row of a document."""
        make = protected_row if self.account.data_protection else row_of
        return make(document, last_change=self.account.list_last_change)

    def listed_puts(self, at: int) -> dict[str, dict[str, Any]]:
        """Return the put documents that are listed, by order id."""
        found = {order_id: put.listed(at) for order_id, put in self.puts.items() if order_id not in self.unlisted}
        return {order_id: document for order_id, document in found.items() if document}

    # Control

    def put(self, body: bytes, at: int, lag_seconds: float = 0.0) -> str:
        """Put a document; it is served byte for byte from now on, and listed ``lag_seconds`` later."""
        document = msgspec.json.decode(body)
        order_id = str(document["orderId"])
        self._note_change(order_id, document, at)
        listed = at + int(lag_seconds * SECOND)
        self.puts.setdefault(order_id, Put()).versions.append((at, listed, body, document))
        return order_id

    def _note_change(self, order_id: str, document: dict[str, Any], at: int) -> None:
        body = self.detail(order_id, at)
        before = msgspec.json.decode(body) if body else {}
        since = ticks(before["lastChange"]) if before.get("lastChange") else at
        self.altered.append(Altered(order_id, document.get("status") or "", before.get("status") or "", since, at))

    def alter(self, order_id: str, fields: dict[str, Any], at: int, lag_seconds: float) -> bool:
        """Change fields of an order; its lastChange is now. Return False if there is no such order."""
        body = self.detail(order_id, at)
        if body is None:
            return False
        document = msgspec.json.decode(body) | {"lastChange": detail_date(at)} | fields
        self.put(msgspec.json.encode(document), at, lag_seconds)
        return True

    def hide(self, order_id: str, *, gone: bool) -> None:
        """Stop listing an order, and serving it too if ``gone``."""
        self.unlisted.add(order_id)
        if gone:
            self.gone.add(order_id)

    def show(self, order_id: str) -> None:
        """List and serve an order again."""
        self.unlisted.discard(order_id)
        self.gone.discard(order_id)

    def truth(self, first: int, last: int, at: int) -> Iterator[dict[str, Any]]:
        """Yield every order created in ``[first, last)`` that exists now, complete or not, listed or not."""
        apart = self.puts.keys() | self.gone
        for order in self.orders(first, last - 1):
            if order.order_id not in apart and (version := order.version(at)):
                yield _summary(msgspec.json.decode(self._body(order, version)))
        for order_id, put in self.puts.items():
            latest = None if order_id in self.gone else put.latest(at)
            if latest and first <= ticks(latest[1]["creationDate"]) < last:
                yield _summary(latest[1])

    def warm(self, first: int, last: int, at: int) -> int:
        """Render orders ahead; return their number."""
        count = 0
        for day in self.days(first, last):
            for order in day.orders:
                if version := order.version(at):
                    self._body(order, version)
                    self.row(order, order.listed_version(at) or version)
                    count += 1
        return count


def _summary(document: dict[str, Any]) -> dict[str, Any]:
    names = ("orderId", "status", "creationDate", "lastChange", "value", "isCompleted", "cancelReason")
    return {name: document.get(name) for name in names} | {"items": len(document.get("items") or [])}
