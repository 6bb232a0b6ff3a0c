"""Settings of a deployment, read from the environment."""

from __future__ import annotations

import os

from cdp_sync.off_peak import OffPeak
from cdp_sync.sync_types import SyncType


def landing_url() -> str:
    """Return the root of landing: ``CDP_LANDING_URL``, else a folder under ``AIRFLOW_HOME``."""
    home = os.environ.get("AIRFLOW_HOME", os.path.expanduser("~/airflow"))
    return os.environ.get("CDP_LANDING_URL") or f"file://{home}/landing"


def pool(sync_type: SyncType) -> str | None:
    """
    Return the Airflow pool of a sync type, if ``CDP_POOLS`` names the type (``incremental,historical,…``).

    None otherwise: a task in a pool that does not exist waits for ever, and Airflow reports nothing.
    """
    pooled = {name.strip() for name in os.environ.get("CDP_POOLS", "").split(",")}
    return sync_type.pool if sync_type.name in pooled else None


def off_peak() -> OffPeak:
    """
    Return the hours in which history may be synced: ``CDP_OFF_PEAK``, 20:00-07:00 Argentina time unless set.

    Its start also decides which run of a day is the one of :func:`cdp_sync.rereading.reread_before`.
    """
    return OffPeak.parse(os.environ.get("CDP_OFF_PEAK") or "20:00-07:00")


def hook_connections() -> int:
    """Return the most connections of one address to the endpoint on its own: ``CDP_HOOK_CONNECTIONS``; 0: no limit."""
    return int(os.environ.get("CDP_HOOK_CONNECTIONS") or 200)


def hook_rate() -> float:
    """Return the most notifications of one tenant that a process takes per second: ``CDP_HOOK_RATE``."""
    rate = float(os.environ.get("CDP_HOOK_RATE") or 1000)
    if not rate > 0:
        raise ValueError(f"CDP_HOOK_RATE is {rate:g}; it must be more than 0")
    return rate


def hook_url(slug: str) -> str | None:
    """Return the URL to which VTEX posts a tenant's changes: ``CDP_HOOK_URL`` and the slug; None if it is not set."""
    base = os.environ.get("CDP_HOOK_URL", "").rstrip("/")
    return f"{base}/{slug}" if base else None
