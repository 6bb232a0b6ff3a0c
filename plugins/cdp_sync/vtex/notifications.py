"""A change of an order as VTEX tells it, by feed or by hook."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from cdp_sync.vtex.dates import read_date

LONGEST_TEXT = 200
"""No order id or state comes near."""


class BadNotification(ValueError):
    """What was sent is no change of an order. The text says what is missing, never what was there."""


class Notification(NamedTuple):
    """
    A change.

    :param changed_at: when the order came into ``state``; together with the order and the state it names the change,
        however often and by whichever way it is told.
    :param last_changed_at: when it had come into ``last_state``.
    """

    order_id: str
    changed_at: datetime
    state: str
    last_state: str | None
    last_changed_at: datetime | None
    domain: str | None


class FeedItem(msgspec.Struct, rename="camel"):
    """An item of ``GET /api/orders/feed``."""

    handle: str
    order_id: str = ""
    state: str | None = None
    last_state: str | None = None
    last_change: str | None = None
    current_change: str | None = None
    domain: str | None = None


class Origin(msgspec.Struct, rename="pascal"):
    """Whose order it is."""

    account: str


class HookBody(msgspec.Struct, rename="pascal"):
    """The body VTEX posts to a hook."""

    order_id: str
    origin: Origin
    state: str | None = None
    last_state: str | None = None
    last_change: str | None = None
    current_change: str | None = None
    domain: str | None = None


def read_notification(told: FeedItem | HookBody) -> Notification:
    """:raises BadNotification: if it does not say which order changed, or when."""
    if not told.order_id:
        raise BadNotification("OrderId is missing")
    if not (moment := told.current_change or told.last_change):
        raise BadNotification("CurrentChange is missing")
    # Without the time of the new state, LastChange is that; of the former one nothing is known then.
    former = told.last_change if told.current_change else None
    try:
        return Notification(
            order_id=_text(told.order_id),
            changed_at=read_date(moment),
            state=_text(told.state or ""),
            last_state=_text(told.last_state) if told.last_state else None,
            last_changed_at=read_date(former) if former else None,
            domain=_text(told.domain) if told.domain else None,
        )
    except BadNotification:
        raise
    except ValueError:
        raise BadNotification("CurrentChange or LastChange is no date") from None


def _text(value: str) -> str:
    if len(value) > LONGEST_TEXT or "\0" in value:
        raise BadNotification("a text is longer than any of VTEX's, or holds a NUL")
    return value
