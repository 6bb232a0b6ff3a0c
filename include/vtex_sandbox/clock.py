"""Time, in the 100 ns ticks that VTEX's dates show."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

SECOND = 10_000_000
HOUR_TICKS = 3_600 * SECOND
DAY = 24 * HOUR_TICKS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """The sandbox's clock: the real one, moved by an offset or standing still."""

    def __init__(self) -> None:
        self._offset = 0
        self._frozen: int | None = None

    def now(self) -> int:
        """Return the ticks since 1970."""
        return self._frozen if self._frozen is not None else time.time_ns() // 100 + self._offset

    def set(self, ticks: int, *, frozen: bool) -> None:
        """Set the time, and stop there or go on from it."""
        self._offset = ticks - time.time_ns() // 100
        self._frozen = ticks if frozen else None

    def advance(self, seconds: float) -> None:
        """Move the time forward."""
        self.set(self.now() + int(seconds * SECOND), frozen=self._frozen is not None)

    def release(self) -> None:
        """Go back to the real time."""
        self._offset, self._frozen = 0, None


def ticks(text: str) -> int:
    """Return the ticks of an ISO 8601 date, UTC if it names no zone. :raises ValueError: if it is none."""
    head, fraction = text, 0
    if "." in text:
        head, rest = text.split(".", 1)
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        head += rest[len(digits) :]
        fraction = int(digits.ljust(7, "0")[:7])
    moment = datetime.fromisoformat(head.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(seconds=1) * SECOND + fraction


def detail_date(moment: int) -> str:
    """Return a date as documents have it: seven digits, a final zero left out as .NET does."""
    seconds, fraction = divmod(moment, SECOND)
    digits = f"{fraction:07d}"
    return f"{_seconds(seconds)}.{digits[:6] if digits.endswith('0') else digits}+00:00"


def change_date(moment: int) -> str:
    """Return a date as feed and hook have it."""
    return detail_date(moment).replace("+00:00", "Z")


def http_date(moment: int) -> str:
    """Return a date as the header Date has it."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(moment // SECOND))


def list_date(moment: int, *, long: bool) -> str:
    """Return a date as the list has it: to the second, in one of two forms."""
    return f"{_seconds(moment // SECOND)}{'.0000000' if long else ''}+00:00"


def _seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
