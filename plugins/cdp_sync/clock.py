"""The present moment: the only place of the package that asks for it, so that tests can say when they take place."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)
