"""Changes to the orders of one account, as feed and hook report them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vtex_sandbox.clock import DAY, SECOND
from vtex_sandbox.orders import LONGEST_INCOMPLETE_DAYS, LONGEST_LIFE, Order
from vtex_sandbox.puts import Altered
from vtex_sandbox.store import Store
from vtex_sandbox.timeline import SILENT

ALIVE = LONGEST_LIFE + LONGEST_INCOMPLETE_DAYS * DAY
BETWEEN_LOOKS = 2 * SECOND
"""Least time between two searches for changes: each costs milliseconds, too much for every poll."""
FULFILLMENT = {"window-to-cancel", "ready-for-handling", "start-handling", "handling", "invoice", "invoiced"}


class Change(NamedTuple):
    """
    A change of an order.

    :param state: state after the change; ``last_state`` and ``since`` (ticks) are of the state before.
    :param is_status: whether the state changed, rather than something else of the document.
    """

    order_id: str
    state: str
    last_state: str
    since: int
    at: int
    is_status: bool

    @property
    def domain(self) -> str:
        """VTEX's workflow in which it happened, one of two."""
        return "Fulfillment" if self.state in FULFILLMENT else "Marketplace"


def changes_between(store: Store, first: int, last: int) -> Iterator[Change]:
    """Yield the changes of generated orders in ``(first, last]``; orders without a state have none."""
    for day in store.days(first - ALIVE, last):
        for order in day.orders:
            if order.order_id not in store.puts and (before := order.version(first)) != (after := order.version(last)):
                yield from _of(order, before, after)


def _of(order: Order, before: int, after: int) -> Iterator[Change]:
    states = [event for event in order.events[:before] if event.kind == "status"]
    for event in order.events[before:after]:
        former = states[-1] if states else None
        if event.kind == "status":
            states.append(event)
        elif event.kind in SILENT or event.kind == "incomplete":
            continue
        if states and states[-1].status:
            yield Change(
                order_id=order.order_id,
                state=states[-1].status,
                last_state=(former.status if former else "") or "",
                since=former.at if former else order.created,
                at=event.at,
                is_status=event.kind == "status",
            )


class Watch:
    """One reader's position in an account's changes."""

    def __init__(self, store: Store, at: int) -> None:
        self._store, self._at, self._altered = store, at, len(store.altered)

    def new(self, now: int) -> list[Change]:
        """Return the changes since the last call, oldest first."""
        found = [_change(altered) for altered in self._store.altered[self._altered :]]
        self._altered += len(found)
        if now - self._at >= BETWEEN_LOOKS:
            found += changes_between(self._store, self._at, now)
            self._at = now
        return sorted((change for change in found if change.state), key=lambda change: change.at)


def _change(put: Altered) -> Change:
    return Change(put.order_id, put.state, put.last_state, put.since, put.at, put.state != put.last_state)
