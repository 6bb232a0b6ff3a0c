"""Tables that analysts read beside those of each customer: months of purchase, products bought together."""

from __future__ import annotations

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation


def summarise(db: Warehouse, of: Calculation) -> dict[str, int]:
    """
    Bring the months of touched customers, or of all, up to date; with everyone, products bought together too.

    :return: months removed and changed, pairs of products changed.
    """
    counts = {
        "months_removed": db.run("intelligence/cohorts/forget_months", **of.parameters),
        "months_changed": db.run("intelligence/cohorts/upsert_months", **of.parameters),
    }
    if of.everyone:  # pairs of products have no customer who could be touched
        counts["pairs_changed"] = db.run("intelligence/products/refresh_pairs", **of.parameters)
    return counts
