"""Names of the data that DAGs produce and wait for."""

from __future__ import annotations

ORDERS_ALIAS = "cdp_orders"
"""Stands for the orders of tenants not known before the run: a merge adds each one's own asset to it."""


def orders_asset_name(slug: str) -> str:
    """Name of the asset that a merge of the tenant's orders updates."""
    return f"cdp_orders__{slug}"


def orders_asset_uri(slug: str) -> str:
    """Its URI."""
    return f"cdp://orders/{slug}"
