"""Cancellation of an order, and requests for it."""

from __future__ import annotations

from random import Random
from typing import Any

from vtex_sandbox.clock import SECOND, detail_date
from vtex_sandbox.template import PARTS

REASONS = ("Sin stock", "El cliente se arrepintió", "Pago no acreditado")
BY = {"Sin stock": "RequestedBySellerNotification", "Pago no acreditado": "RequestedByPaymentNotification"}
REQUEST = PARTS["cancellationRequest"]


def cancellation(more: Random, reason: str, moment: int) -> dict[str, Any]:
    """Return the fields of a cancelled order. Who asked for it follows from the reason; buyers ask beforehand."""
    by = BY.get(reason, "RequestedByUser")
    whose = {name: name == by for name in ("RequestedByUser", "RequestedBySystem", *BY.values())}
    request = REQUEST | {
        "id": f"{more.getrandbits(128):032x}",
        "reason": reason,
        "cancellationRequestDate": detail_date(moment - 60 * SECOND),
    }
    return {
        "cancelReason": reason,
        "cancellationData": {**whose, "Reason": reason, "CancellationDate": detail_date(moment)},
        "cancellationRequests": [request] if by == "RequestedByUser" else None,
    }


def denied_request(more: Random, moment: int) -> list[dict[str, Any]]:
    """Return ``cancellationRequests`` of an order whose seller had sent it already."""
    return [
        REQUEST
        | {
            "id": f"{more.getrandbits(128):032x}",
            "reason": "El cliente se arrepintió",
            "cancellationRequestDate": detail_date(moment),
            "deniedBySeller": True,
            "deniedBySellerReason": "Ya despachado",
            "cancellationRequestDenyDate": detail_date(moment + 3600 * SECOND),
        }
    ]
