"""Times in the headers of an answer."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from cdp_sync import clock


def retry_after(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header, in either of HTTP's two forms; None if unreadable."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - clock.now()).total_seconds())
    except (TypeError, ValueError):
        return None


@lru_cache(maxsize=4)
def _parse_date(header: str) -> datetime:
    return parsedate_to_datetime(header)


def served_at(header: str | None) -> datetime:
    """
    Return the time VTEX served an answer, rounded down to the second.

    By VTEX's clock, because it is compared with VTEX's lastChange, and a worker's clock may be off.
    """
    if header:
        try:
            return _parse_date(header)
        except ValueError:
            pass
    return clock.now().replace(microsecond=0)
