"""Stages of a shop's customers."""

from __future__ import annotations

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.summarise import summarise

_ROOM = "intelligence/journeys"


def advance(db: Warehouse, of: Calculation) -> dict[str, int]:
    """
    Trace the journeys of touched customers, and of those whom time has moved on.

    A journey is a function of the orders and of what was usual when each was made: traced anew, it is the same.

    Summarise, after that, what analysts read of all customers together.

    :return: journeys traced, customers whose stage, or what is next, changed; what :func:`summarise` counts.
    """
    here = {"tenant_id": of.tenant_id}
    db.run(f"{_ROOM}/clear", **here)
    months = [row["month"] for row in db.rows(f"{_ROOM}/set_thresholds", **of.parameters)]
    traced = db.run(f"{_ROOM}/choose_customers", **of.parameters, months=months)
    if not of.everyone:  # as in identify
        db.run(f"{_ROOM}/analyze")
    db.run(f"{_ROOM}/trace", **of.parameters)
    db.run(f"{_ROOM}/write_events", **of.parameters)
    advanced = db.run(f"{_ROOM}/write_stages", **of.parameters)
    db.run(f"{_ROOM}/clear", **here)
    return {"traced": traced, "advanced": advanced, **summarise(db, of)}
