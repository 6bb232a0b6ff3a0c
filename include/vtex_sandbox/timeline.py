"""An order's life: its events and their times."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from vtex_sandbox.clock import SECOND

MINUTE, HOUR = 60.0, 3600.0


class Event(NamedTuple):
    """
    An event in an order's life.

    :param at: ticks.
    :param kind: status, authorized, invoiced, reason, tracking, delivered, returned, completed or edited.
    :param status: the new status, for kind ``status``.
    """

    at: int
    kind: str
    status: str | None = None


class _Life:
    def __init__(self, rng: Random, created: int) -> None:
        self.rng = rng
        self.at = created
        self.events: list[Event] = []

    def happen(self, after: float, kind: str, status: str | None = None) -> None:
        self.at += int(after * SECOND) + self.rng.randrange(SECOND)
        self.events.append(Event(self.at, kind, status))

    def become(self, after: float, status: str | None) -> None:
        self.happen(after, "status", status)

    def cancel(self, after: float) -> None:
        self.become(after, "cancel")
        self.become(self.rng.uniform(1, 8) * MINUTE, "canceled")
        self.happen(self.rng.uniform(5, 90), "reason")  # some seconds late, and without a new lastChange


def life(rng: Random, created: int, incomplete_share: float) -> list[Event]:
    """
    Return the events of one order, oldest first; changes spread over about eleven days.

    Most are paid, handled, invoiced, tracked and delivered; some are cancelled, stuck, moved back, edited or returned.
    """
    story = _Life(rng, created)
    chance = rng.random()
    if chance < incomplete_share:
        story.events.append(Event(created, "incomplete"))
        if rng.random() < 0.4:
            return story.events
        story.happen(rng.uniform(1, 40) * HOUR, "completed")
    first = rng.random()
    story.events.append(Event(story.at, "status", "" if first < 0.004 else "payment-pending"))
    if rng.random() < 0.08:
        story.cancel(rng.uniform(20, 70) * HOUR)
        return story.events
    if rng.random() < 0.01:
        return story.events  # stuck
    story.become(rng.choice((1, 2, 5, 30, 600)) * MINUTE * rng.uniform(0.5, 1.2), "payment-approved")
    story.happen(0.0, "authorized")
    story.become(rng.uniform(0.2, 2) * MINUTE, "window-to-cancel")
    story.become(30 * MINUTE, "ready-for-handling")
    if rng.random() < 0.04:
        story.cancel(rng.uniform(1, 20) * HOUR)
        return story.events
    if rng.random() < 0.01:
        story.become(rng.uniform(1, 5) * HOUR, "payment-approved")
        story.become(rng.uniform(1, 5) * HOUR, "ready-for-handling")
    if rng.random() < 0.004:
        story.become(5 * MINUTE, "detail.state.null")
    if rng.random() < 0.03:
        story.happen(rng.uniform(1, 5) * HOUR, "edited")
    story.become(rng.uniform(1, 20) * HOUR, "handling")
    if rng.random() < 0.015:
        return story.events  # stuck
    story.become(rng.uniform(4, 72) * HOUR, "invoiced")
    story.happen(0.0, "invoiced")
    story.happen(rng.uniform(1, 30) * HOUR, "tracking")
    story.happen(rng.uniform(24, 150) * HOUR, "delivered")
    if rng.random() < 0.03:
        story.happen(rng.uniform(24, 72) * HOUR, "returned")
    return story.events


def smooth_life(rng: Random, created: int) -> list[Event]:
    """Return the events of an order with which nothing goes wrong, oldest first."""
    story = _Life(rng, created)
    story.events.append(Event(created, "status", "payment-pending"))
    story.become(5 * MINUTE, "payment-approved")
    story.happen(0.0, "authorized")
    story.become(rng.uniform(1, 20) * HOUR, "handling")
    story.become(rng.uniform(4, 48) * HOUR, "invoiced")
    story.happen(0.0, "invoiced")
    return story.events


SILENT = {"reason"}
"""Events that change the document and leave lastChange as it is."""
