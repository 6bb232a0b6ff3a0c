"""Scores of a shop's customers by recency, frequency and money."""

from __future__ import annotations

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation

_ROOM = "intelligence/rfm"


def rank(db: Warehouse, of: Calculation) -> dict[str, int]:
    """
    Rank the customers of a shop as a whole, for its whole life and for each window it wants.

    :return: customers scored for the whole life, scores that changed, customers in another segment.
    """
    counts: dict[str, int] = {}
    for window in db.rows(f"{_ROOM}/windows", tenant_id=of.tenant_id):
        (row,) = db.rows(f"{_ROOM}/rank", **of.parameters, **window)
        counts = counts or dict(row)
    return counts
