"""Profiles of a shop's customers, and its prices."""

from __future__ import annotations

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation

_ROOM = "intelligence"


def profile(db: Warehouse, of: Calculation) -> dict[str, int]:
    """
    Write the profiles of touched customers, or of all.

    :return: orders of a status that is in no table of outcomes, profiles written.
    """
    here = {"tenant_id": of.tenant_id}
    (unknown,) = db.rows(f"{_ROOM}/orders/count_unknown", **here)
    if of.everyone:
        db.run(f"{_ROOM}/orders/index_prices", **of.parameters)
    db.run(f"{_ROOM}/profiles/forget", **here)
    return {**unknown, "profiled": db.run(f"{_ROOM}/profiles/write", **of.parameters)}
