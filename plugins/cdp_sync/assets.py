"""Names of the data that DAGs produce and wait for."""

from __future__ import annotations

from cdp_sync.tenants import Tenant


def orders_asset_name(tenant: Tenant) -> str:
    """Name of the asset that a merge of the tenant's orders updates."""
    return f"cdp_orders__{tenant.slug}"


def orders_asset_uri(tenant: Tenant) -> str:
    """Its URI."""
    return f"cdp://orders/{tenant.slug}"
