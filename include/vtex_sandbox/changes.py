"""What happens to the orders of one account, as feed and hook tell it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vtex_sandbox.clock import DAY, SECOND
from vtex_sandbox.orders import LONGEST_INCOMPLETE_DAYS, LONGEST_LIFE, Order
from vtex_sandbox.puts import Told
from vtex_sandbox.store import Store
from vtex_sandbox.timeline import SILENT

ALIVE = LONGEST_LIFE + LONGEST_INCOMPLETE_DAYS * DAY
BETWEEN_LOOKS = 2 * SECOND
"""Looking at every living order costs milliseconds: not at each poll."""
FULFILLMENT = {"window-to-cancel", "ready-for-handling", "start-handling", "handling", "invoice", "invoiced"}


class Change(NamedTuple):
    """
    :param state: as it is after the change; ``last_state`` and ``since`` (ticks) are of the state before.
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
        """Which of VTEX's two workflows it happened in."""
        return "Fulfillment" if self.state in FULFILLMENT else "Marketplace"


def changes_between(store: Store, first: int, last: int) -> Iterator[Change]:
    """Changes of generated orders in ``(first, last]``; of those without a state there is nothing to tell."""
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
    """One reader's place among an account's changes."""

    def __init__(self, store: Store, at: int) -> None:
        self._store, self._at, self._told = store, at, len(store.told)

    def new(self, now: int) -> list[Change]:
        """What happened since it last looked."""
        found = [_change(told) for told in self._store.told[self._told :]]
        self._told += len(found)
        if now - self._at >= BETWEEN_LOOKS:
            found += changes_between(self._store, self._at, now)
            self._at = now
        return sorted((change for change in found if change.state), key=lambda change: change.at)


def _change(told: Told) -> Change:
    return Change(told.order_id, told.state, told.last_state, told.since, told.at, told.state != told.last_state)
