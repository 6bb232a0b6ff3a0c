"""Columns of an order's cancellation and of the requests for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdp_sync.rows.values import moment, text
from cdp_sync.vtex.fields import Scalar
from cdp_sync.vtex.order_document import Order


class CancellationLine(NamedTuple):
    """
    Request for a cancellation, or the cancellation.

    :param is_done: whether it is the cancellation.
    :param denied_at: when the seller denied the request.
    """

    position: int
    is_done: bool
    request_id: Scalar
    at: Scalar
    reason: Scalar
    by_user: bool | None
    by_system: bool | None = None
    by_seller: bool | None = None
    by_payment: bool | None = None
    is_denied: bool | None = None
    denied_reason: Scalar = None
    denied_at: Scalar = None


def cancellations(order: Order) -> list[CancellationLine]:
    """Return the requests for an order's cancellation, then the cancellation."""
    found = [
        CancellationLine(
            position,
            False,
            each.id,
            each.cancellationRequestDate,
            each.reason,
            each.requestedByUser,
            is_denied=each.deniedBySeller,
            denied_reason=each.deniedBySellerReason,
            denied_at=each.cancellationRequestDenyDate,
        )
        for position, each in enumerate(order.cancellationRequests or ())
    ]
    reason = order.cancel_reason()
    if data := order.cancellationData:
        found.append(
            CancellationLine(
                len(found),
                True,
                data.cancellationRequestId,
                data.cancellationDate or data.CancellationDate,
                reason,
                _either(data.requestedByUser, data.RequestedByUser),
                _either(data.requestedBySystem, data.RequestedBySystem),
                _either(data.requestedBySellerNotification, data.RequestedBySellerNotification),
                _either(data.requestedByPaymentNotification, data.RequestedByPaymentNotification),
            )
        )
    elif reason is not None:  # the oldest documents say no more
        found.append(CancellationLine(len(found), True, None, None, reason, None))
    return found


def _either(newer: bool | None, older: bool | None) -> bool | None:
    return older if newer is None else newer


CANCELLATION: dict[str, Callable[[CancellationLine], object]] = {
    "cancellation_index": lambda of: of.position,
    "is_done": lambda of: of.is_done,
    "request_id": lambda of: text(of.request_id),
    "happened_at": lambda of: moment(of.at),
    "reason": lambda of: text(of.reason),
    "by_user": lambda of: of.by_user,
    "by_system": lambda of: of.by_system,
    "by_seller": lambda of: of.by_seller,
    "by_payment": lambda of: of.by_payment,
    "is_denied": lambda of: of.is_denied,
    "denied_reason": lambda of: text(of.denied_reason),
    "denied_at": lambda of: moment(of.denied_at),
}
"""Columns of ``cdp.order_cancellations``."""
