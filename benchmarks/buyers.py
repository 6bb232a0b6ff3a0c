"""A shop of repeat buyers of any size, made by the database itself: see the SQL beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

AS_OF = "2026-11-20T12:00:00Z"
_FOLDER = Path(__file__).parent


def fill(db: psycopg.Connection[Any], buyers: int) -> int:
    """Make buyers of tenant 1, who exists, and their orders; return the number of these, about five times as many."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")  # the rows refer to each other: no need to look
        db.execute(_text("buyers", buyers=buyers))
    db.execute("vacuum analyze")
    (orders,) = db.execute("select count(*) from cdp.order_events where tenant_id = 1").fetchone() or (0,)
    return int(orders)


def change(db: psycopg.Connection[Any], orders: int, *, days: int) -> None:
    """Cancel half of some orders of the last days, charge more for all of them, and say so as a merge does."""
    db.execute(_text("changed", orders=orders, days=days))


def chain(db: psycopg.Connection[Any], first: int, last: int, *, note: bool) -> None:
    """Make orders of the chain; note them as changed by a sync."""
    db.execute(_text("chain", **{"from": first, "until": last, "note": int(note)}))


def _text(name: str, **numbers: int) -> Any:
    text = (_FOLDER / f"{name}.sql").read_text()
    for place, number in numbers.items():
        text = text.replace(f"{{{place}}}", str(number))
    return text
