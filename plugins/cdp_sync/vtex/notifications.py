"""Changes of orders as VTEX reports them, by feed or by hook."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from cdp_sync.vtex.dates import read_date

LONGEST_TEXT = 200
"""Longest text accepted; order ids and states are far shorter."""


class BadNotification(ValueError):
    """Item or body that reports no change of an order. The text says what is missing, and quotes nothing."""


class Notification(NamedTuple):
    """
    Change of an order's state.

    :param changed_at: time the order entered ``state``. Order, state and time identify the change, however often and by
        whichever way it is reported.
    :param last_changed_at: time it had entered ``last_state``.
    """

    order_id: str
    changed_at: datetime
    state: str
    last_state: str | None
    last_changed_at: datetime | None
    domain: str | None


class FeedItem(msgspec.Struct, rename="camel"):
    """Item of ``GET /api/orders/feed``."""

    handle: str
    order_id: str = ""
    state: str | None = None
    last_state: str | None = None
    last_change: str | None = None
    current_change: str | None = None
    domain: str | None = None


class Origin(msgspec.Struct, rename="pascal"):
    """Account the order belongs to."""

    account: str


class HookBody(msgspec.Struct, rename="pascal"):
    """Body that VTEX posts to a hook."""

    order_id: str
    origin: Origin
    state: str | None = None
    last_state: str | None = None
    last_change: str | None = None
    current_change: str | None = None
    domain: str | None = None


def read_notification(received: FeedItem | HookBody) -> Notification:
    """Read a change. :raises BadNotification: if it does not say which order changed, or when."""
    if not received.order_id:
        raise BadNotification("OrderId is missing")
    if not (moment := received.current_change or received.last_change):
        raise BadNotification("CurrentChange is missing")
    # Without CurrentChange, LastChange is the time of the new state, and that of the former one is unknown.
    former = received.last_change if received.current_change else None
    try:
        return Notification(
            order_id=_text(received.order_id),
            changed_at=read_date(moment),
            state=_text(received.state or ""),
            last_state=_text(received.last_state) if received.last_state else None,
            last_changed_at=read_date(former) if former else None,
            domain=_text(received.domain) if received.domain else None,
        )
    except BadNotification:
        raise
    except ValueError:
        raise BadNotification("CurrentChange or LastChange is no date") from None


def _text(value: str) -> str:
    if len(value) > LONGEST_TEXT or "\0" in value:
        raise BadNotification("a text is longer than any of VTEX's, or holds a NUL")
    return value
