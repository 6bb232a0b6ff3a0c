"""Bound between odd orders, which stop nothing, and an outage, which stops the task."""

from __future__ import annotations

TOLERATED_ORDERS = 3
TOLERATED_SHARE = 0.01


def tolerated(orders: int) -> float:
    """Return how many of a number of orders may fail before it is no longer their own fault."""
    return max(TOLERATED_ORDERS, TOLERATED_SHARE * orders)
