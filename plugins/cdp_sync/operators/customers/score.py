"""Scores of a shop's customers: by what they bought, and by what they are expected to buy."""

from __future__ import annotations

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.clv import score_lifetime_value
from cdp_sync.operators.customers.rfm import rank


def score(db: Warehouse, of: Calculation) -> dict[str, int]:
    """Rank the customers and value them; return what both count."""
    return rank(db, of) | score_lifetime_value(db, of)
