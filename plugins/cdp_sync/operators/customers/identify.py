"""Identities of a shop's customers: identifiers that its orders show together, and whose each order is."""

from __future__ import annotations

from collections import Counter

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.intelligence.components import components
from cdp_sync.operators.customers.calculation import Calculation

_ROOM = "intelligence/identity"
_COMPONENTS = ("tenant_id", "node_no", "component")
EVENTS = ("created", "merged", "split", "renamed", "gone")


def identify(db: Warehouse, of: Calculation) -> dict[str, int]:
    """
    Find again the customers whom changed orders concern, or all of them; say which were touched.

    A customer is what followed edges of the ledger connect (``cdp.identity_edges``), and has the key of the identifier
    that was shown first: a function of the orders alone, so that a calculation of everyone changes nothing.

    :return: changed orders, orders that are nobody's, identifiers blocked or unblocked, and ``EVENTS``.
    """
    here = {"tenant_id": of.tenant_id}
    db.run(f"{_ROOM}/clear", **here)
    db.run(f"{_ROOM}/take_changes", **of.parameters)
    if of.everyone:
        db.run(f"{_ROOM}/take_everyone", **here)
    _analyze(db, of)
    flipped = [row["key"] for row in db.rows(f"{_ROOM}/block", **of.parameters)]
    if not of.everyone:
        db.run(f"{_ROOM}/widen", **here, flipped=flipped)
        _analyze(db, of)
    db.run(f"{_ROOM}/list_blocked", **here)
    db.run(f"{_ROOM}/identify_orders", **of.parameters)
    db.run(f"{_ROOM}/find_edges", **here)
    db.run(f"{_ROOM}/number_identifiers", **here)
    _analyze(db, of)
    (graph,) = db.rows(f"{_ROOM}/followed_edges", **here)
    found = components(graph["nodes"], graph["from_nos"], graph["to_nos"])
    db.copy("staging.identity_components", _COMPONENTS, ((of.tenant_id, *pair) for pair in enumerate(found)))
    db.run(f"{_ROOM}/name_customers", **here)
    _analyze(db, of)
    events = Counter(row["event"] for row in db.rows(f"{_ROOM}/note_events", **of.parameters))
    (orders,) = db.rows(f"{_ROOM}/count_orders", **here)
    since = orders.pop("since")
    for statement in (f"{_ROOM}/write_identifiers", f"{_ROOM}/write_edges", "intelligence/orders/write_orders"):
        db.run(statement, **here)
    db.run(f"{_ROOM}/describe_customers", **of.parameters)
    db.run(f"{_ROOM}/forget_customers", **here)
    touched = db.run(f"{_ROOM}/touch_customers", **of.parameters, since=since)
    db.run(f"{_ROOM}/clear", **here)
    return {**orders, "touched": touched, "flipped": len(flipped), **{event: events[event] for event in EVENTS}}


def _analyze(db: Warehouse, of: Calculation) -> None:
    """Give the planner the numbers of a few changed orders, in tables that all shops share, and lock until the end."""
    # With everyone joins hash whatever it believes (runs/expect_many), and a lock of minutes would have others wait.
    if not of.everyone:
        db.run(f"{_ROOM}/analyze")
