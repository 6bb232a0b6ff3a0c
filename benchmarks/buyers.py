"""A shop of repeat buyers of any size, made by the database itself: see ``buyers.sql`` and ``changed.sql``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

AS_OF = "2026-11-20T12:00:00Z"
ORDERS_A_BUYER = 5
_FOLDER = Path(__file__).parent


def fill(db: psycopg.Connection[Any], orders: int) -> None:
    """Make the orders of tenant 1, who exists, and a fifth as many buyers."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")  # the rows refer to each other: no need to look
        db.execute(_text("buyers", orders))
    db.execute("vacuum analyze")


def change(db: psycopg.Connection[Any], orders: int) -> None:
    """Cancel half of some orders, charge more for all of them, and say so as a merge does."""
    db.execute(_text("changed", orders))


def _text(name: str, orders: int) -> Any:
    text = (_FOLDER / f"{name}.sql").read_text()
    return text.replace("{orders}", str(orders)).replace("{buyers}", str(orders // ORDERS_A_BUYER))
