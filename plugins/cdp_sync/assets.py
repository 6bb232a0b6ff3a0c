"""Names and URIs of the assets that merges and calculations update."""

from __future__ import annotations

ORDERS_ALIAS = "cdp_orders"
"""Alias for the orders of tenants not known before the run; a merge adds the tenant's own asset to it."""


def orders_asset_name(slug: str) -> str:
    """Return the name of the asset that a merge of the tenant's orders updates."""
    return f"cdp_orders__{slug}"


def orders_asset_uri(slug: str) -> str:
    """Return the URI of that asset."""
    return f"cdp://orders/{slug}"


def customers_asset_name(slug: str) -> str:
    """Return the name of the asset that a calculation of the tenant's customers updates."""
    return f"cdp_customers__{slug}"


def customers_asset_uri(slug: str) -> str:
    """Return the URI of that asset."""
    return f"cdp://customers/{slug}"
