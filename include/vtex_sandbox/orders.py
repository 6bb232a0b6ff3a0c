"""The orders of a day: buyers, sellers and ids."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from random import Random

from vtex_sandbox.clock import DAY, SECOND, ticks
from vtex_sandbox.repeat_buyers import Purchase, purchases
from vtex_sandbox.scenario import Account
from vtex_sandbox.timeline import SILENT, Event, life, smooth_life

FIRST_SEQUENCE = 500_001
PER_DAY = 1_000_000
DAY_ZERO = ticks("2020-01-01T00:00:00Z")
MEMORY = 730 * DAY
"""Time for which VTEX keeps an order, in ticks."""
LONGEST_LIFE = 15 * DAY
LONGEST_INCOMPLETE_DAYS = 3
_NUMBER = re.compile(r"\d{7,}")


@dataclass(slots=True)
class Order:
    """
    One order, before it is rendered.

    :param seller: 1 for the shop itself, 2 and 3 for the others of a purchase.
    :param sellers: number of orders of the purchase.
    :param lag: ticks by which the list is late.
    :param purchase: the purchase of a known buyer that it is, if it is one.
    :param stale_after: number of events after which its list row no longer changes; None for a correct row.
    """

    order_id: str
    sequence: int
    group: str | None
    created: int
    seed: int
    seller: int
    sellers: int
    lag: int
    stale_after: int | None
    events: list[Event]
    counterpart: str | None = None
    purchase: Purchase | None = None
    detail: tuple[int, bytes] | None = field(default=None, repr=False)
    row: tuple[int, bytes] | None = field(default=None, repr=False)

    def version(self, at: int) -> int:
        """Return the number of its events so far; 0 before it exists."""
        return bisect.bisect_right(self.events, at, key=lambda event: event.at)

    def listed_version(self, at: int) -> int:
        """Return the :meth:`version` that the list shows."""
        version = self.version(at - self.lag)
        return version if self.stale_after is None else min(version, self.stale_after)

    def complete(self, version: int) -> bool:
        """Return whether it is an order by then, not an abandoned cart."""
        kinds = [event.kind for event in self.events[:version]]
        return "incomplete" not in kinds or "completed" in kinds

    def moment(self, kind: str, version: int) -> int | None:
        """Return the time of the first event of a kind, None if there is none."""
        return next((event.at for event in self.events[:version] if event.kind == kind), None)

    def date(self, field: str, version: int) -> int | None:
        """Return a date the list can be filtered by."""
        return self.created if field == "creationDate" else self.moment(field.removesuffix("Date"), version)

    def last_change(self, version: int) -> int:
        """Return the ticks of ``lastChange``."""
        return max(event.at for event in self.events[:version] if event.kind not in SILENT)

    def status(self, version: int) -> str | None:
        """Return the status; None while incomplete."""
        return next((event.status for event in reversed(self.events[:version]) if event.kind == "status"), None)


class Day:
    """The orders of one UTC day of one account, by creation."""

    def __init__(self, number: int, orders: list[Order]) -> None:
        self._changes_until = DAY_ZERO + (number + 1 + LONGEST_INCOMPLETE_DAYS) * DAY
        self.orders = sorted(orders, key=lambda order: order.created)
        self.created = [order.created for order in self.orders]
        self.by_id = {order.order_id: order for order in self.orders}
        self.by_sequence = {order.sequence: order for order in self.orders}
        self._settled: tuple[list[Order], list[int]] | None = None

    def listed(self, at: int) -> tuple[list[Order], list[int]]:
        """Return the complete orders the list shows, and their creation ticks; cached once the day cannot change."""
        if self._settled:
            return self._settled
        shown = [order for order in self.orders if (seen := order.listed_version(at)) and order.complete(seen)]
        result = shown, [order.created for order in shown]
        if at > self._changes_until:
            self._settled = result
        return result


def day_number(moment: int) -> int:
    """Return the days since 2020."""
    return (moment - DAY_ZERO) // DAY


def days_of(order_id: str) -> list[int]:
    """Return the days on which an order of this id may have been made: its sequence is somewhere in its digits."""
    sequences = [int(digits[:10]) for digits in _NUMBER.findall(order_id)]
    return [(sequence - FIRST_SEQUENCE) // PER_DAY for sequence in sequences if sequence >= FIRST_SEQUENCE]


def make_day(seed: int, name: str, account: Account, number: int) -> list[Order]:
    """Return all orders of an account on a day; depends on the arguments only."""
    start = DAY_ZERO + number * DAY
    if (account.first_day and start < ticks(account.first_day)) or (
        account.last_day and start > ticks(account.last_day)
    ):
        return []
    rng = Random(f"{seed}:{name}:{number}")
    if account.buyers:
        return _bought(rng, seed, name, account, number)
    wanted = rng.randint(*account.orders_per_day)
    orders: list[Order] = []
    while len(orders) < wanted:
        sequence = FIRST_SEQUENCE + number * PER_DAY + len(orders) * 4
        created = start + rng.randrange(DAY)
        chance = rng.random()
        sellers = 1 if chance < 0.9 or wanted - len(orders) < 3 else 2 if chance < 0.98 else 3
        group = _group(rng, name, sequence)
        sellers = 1 if _external(group) else sellers  # a marketplace sends one order per sale
        for seller in range(1, sellers + 1):
            moment = created + (seller - 1) * rng.randrange(1, 9000)
            own = Random(rng.getrandbits(64))
            orders.append(_order(own, account, group, sequence + seller - 1, moment, seller, sellers))
    return orders


def _bought(rng: Random, seed: int, name: str, account: Account, number: int) -> list[Order]:
    """Return the orders of a day of an account whose buyers are known."""
    first = ticks(account.first_day) if account.first_day else DAY_ZERO
    bought = purchases(seed, name, account.buyers, first) if account.buyers else {}
    orders = []
    for place, purchase in enumerate(bought.get(number - day_number(first), [])):
        sequence = FIRST_SEQUENCE + number * PER_DAY + place * 4
        own = Random(rng.getrandbits(64))
        order = _order(own, account, f"v{sequence}{name[:4]}", sequence, purchase.at, 1, 1)
        order.purchase, order.events = purchase, smooth_life(own, purchase.at)
        orders.append(order)
    return orders


def make_sold_for(seed: int, account: Account, others: list[Order]) -> list[Order]:
    """Return the seller's side of another account's purchases: the same sale with an id and events of its own."""
    orders = []
    for other in others:
        if other.seller == 2:
            own = Random(f"{seed}:{other.order_id}")
            order = _order(own, account, other.group, other.sequence, other.created + 12 * SECOND, 1, 1)
            order.order_id = f"SLR-{other.order_id}"
            order.counterpart = other.order_id
            orders.append(order)
    return orders


def _order(
    rng: Random, account: Account, group: str | None, sequence: int, created: int, seller: int, sellers: int
) -> Order:
    events = life(rng, created, account.incomplete_share)
    stale = rng.random() < account.stale_share
    return Order(
        order_id=group if group and _external(group) else f"{group}-{seller:02d}",
        sequence=sequence,
        group=None if group and _external(group) else group,
        created=created,
        seed=rng.getrandbits(48),
        seller=seller,
        sellers=sellers,
        lag=int(account.lag_seconds * rng.uniform(0.9, 1.25) * SECOND),
        stale_after=rng.randint(1, len(events)) if stale else None,
        events=events,
    )


def _external(group: str) -> bool:
    return "-" in group


def _group(rng: Random, name: str, sequence: int) -> str:
    chance = rng.random()
    if chance < 0.45:
        return f"{sequence:010d}{rng.randrange(1000):03d}"
    if chance < 0.93:
        return f"v{sequence}{name[:4]}"
    if chance < 0.98:
        return f"MLB-Tiendas_Sur-{sequence:010d}{rng.randrange(100):02d}"
    return f"GPA-Pedido {sequence:010d}/{rng.randrange(10)}"
