"""Windows: half-open UTC intervals of orders to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

INCREMENTAL_SCOPE = timedelta(hours=24)
OVERLAP = timedelta(hours=1)
"""How far a window reaches back into its predecessor: VTEX indexes late, later still under load."""
INDEX_LAG = timedelta(minutes=5)
"""VTEX lists an order about four minutes after it happened; a window ends before what it cannot show yet."""
MAX_CATCH_UP = timedelta(days=7)
"""How far downtime widens a window; what lies before it is a gap, and the historical sync's."""
VTEX_MEMORY = timedelta(days=730)
"""VTEX answers for orders created in the last two years only."""


class BadWindow(ValueError):
    """A window nobody can sync; the text says why and what to give instead."""


@dataclass(frozen=True, order=True)
class Window:
    """
    Half-open interval ``[start, end)``.

    :param start: first instant, timezone-aware; kept in UTC.
    :param end: first instant after the window.
    :raises BadWindow: if a bound has no zone, or the end is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            bound = getattr(self, name)
            if bound.tzinfo is None:
                raise BadWindow(f"Window {name} {bound.isoformat()} has no time zone; write it as …Z or …-03:00")
            object.__setattr__(self, name, bound.astimezone(UTC))
        if self.end <= self.start:
            raise BadWindow(f"Window ends {self._text(self.end)}, not after its start {self._text(self.start)}")

    @classmethod
    def parse(cls, start: str, end: str) -> Window:
        """Read ISO 8601 bounds. :raises BadWindow: if one cannot be read."""
        bounds = []
        for name, text in (("start", start), ("end", end)):
            try:
                bounds.append(datetime.fromisoformat(text))
            except (TypeError, ValueError):
                raise BadWindow(f"Window {name} {text!r} is not a date and time in ISO 8601") from None
        return cls(*bounds)

    def halves(self) -> tuple[Window, Window]:
        """Two windows that share the middle, cut at a whole millisecond as VTEX's filters are."""
        middle = self.start + (self.end - self.start) / 2
        middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        return Window(self.start, middle), Window(middle, self.end)

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @staticmethod
    def _text(instant: datetime) -> str:
        return instant.isoformat(timespec="seconds").replace("+00:00", "Z")

    def __str__(self) -> str:
        return f"[{self._text(self.start)}, {self._text(self.end)})"


def incremental_window(asked_at: datetime, last_completed_end: datetime | None) -> Window:
    """
    The window of an incremental run.

    A pure function of the run, so that clearing a run looks at the same window again.

    :param asked_at: the run's interval end, or ``run_after`` of a manual run.
    :param last_completed_end: end of the last completed incremental window before this one, if any.
    """
    asked_at = asked_at.astimezone(UTC).replace(microsecond=0)
    start = asked_at - INCREMENTAL_SCOPE
    if last_completed_end is not None:
        start = max(min(start, last_completed_end.astimezone(UTC) - OVERLAP), asked_at - MAX_CATCH_UP)
    return Window(start, asked_at - INDEX_LAG)


def within_vtex_memory(window: Window, now: datetime) -> Window:
    """
    The part of a window that VTEX can still answer for.

    :param now: the real time, since it is VTEX that forgets, not the run.
    :raises BadWindow: if all of it is older than two years.
    """
    limit = now.astimezone(UTC) - VTEX_MEMORY
    midnight = limit.replace(hour=0, minute=0, second=0, microsecond=0)
    # A whole day, so that the tasks of a run and its retries cut a window at the same place.
    oldest = midnight if midnight == limit else midnight + timedelta(days=1)
    if window.end <= oldest:
        raise BadWindow(
            f"Window {window} is older than two years: VTEX no longer serves these orders, "
            f"the oldest window it answers for starts {Window._text(oldest)}"
        )
    return Window(max(window.start, oldest), window.end)
