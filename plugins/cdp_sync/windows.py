"""Windows: half-open UTC intervals of orders to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

INCREMENTAL_SCOPE = timedelta(hours=24)
OVERLAP = timedelta(hours=1)
"""How far a window reaches back into its predecessor: VTEX indexes late, later still under load."""
INDEX_LAG = timedelta(minutes=5)
"""VTEX lists an order about four minutes after it happened; a window ends before what it cannot show yet."""
MAX_CATCH_UP = timedelta(days=7)
"""How far downtime widens a window; what lies before it is a gap, and the historical sync's."""
VTEX_MEMORY = timedelta(days=730)
"""VTEX answers for orders created in the last two years only."""
HISTORY_WINDOW = timedelta(days=7)
"""Length of a historical window."""


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

    def pieces(self, length: timedelta) -> Iterator[Window]:
        """Windows of a length, newest first; the oldest is what is left."""
        end = self.end
        while end > self.start:
            start = max(self.start, end - length)
            yield Window(start, end)
            end = start

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


def oldest_remembered(now: datetime) -> datetime:
    """
    The first midnight (UTC) that VTEX still answers for; ``cdp.sync_gaps`` counts the same.

    A whole day, so that the tasks of a run and its retries cut a window at the same place.

    :param now: the real time, since it is VTEX that forgets, not the run.
    """
    limit = now.astimezone(UTC) - VTEX_MEMORY
    midnight = limit.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == limit else midnight + timedelta(days=1)


def within_vtex_memory(window: Window, now: datetime) -> Window:
    """
    The part of a window that VTEX can still answer for.

    :param now: as for :func:`oldest_remembered`.
    :raises BadWindow: if all of it is older than two years.
    """
    oldest = oldest_remembered(now)
    if window.end <= oldest:
        raise BadWindow(
            f"Window {window} is older than two years: VTEX no longer serves these orders, "
            f"the oldest window it answers for starts {Window._text(oldest)}"
        )
    return Window(max(window.start, oldest), window.end)


@dataclass(frozen=True, kw_only=True)
class PlannedWindow:
    """
    A window of a tenant on its way through its tasks: each task hands it to the next, JSON in XCom, times in ISO 8601.

    :param tenant: slug.
    :param listed_from: list creation dates from here on, to see updates of older orders; empty for the window only.
    :param changed_from: list payments and invoices from here on, and close the gaps the feed left since; empty for the
        window only.
    :param asked_at: the run's moment.
    :param force_refetch: read every order of the window again, changed or not.
    :param requests_per_second: a rate of one's own instead of the sync type's share of the account's limit.
    :param sample_percent: full: percentage of the orders VTEX shows unchanged to read anyway.
    :param drift_percent: full: percentage of orders that earlier syncs may have missed before the run fails.
    :param take_over: feed: configure it even if somebody else did.
    :param feed_failure: feed: why it could not be drained; the last task fails with it.
    :param not_after: do not begin the window after this moment; empty for no such bound.
    :param skip_because: why the window is not synced at all; empty if it is.
    :param label: how the UI names the window among others of a run.
    :param manifest: URI of what the fetch landed.
    :param counts: what the task that hands it over counted.
    """

    tenant_id: int
    tenant: str
    window_start: str
    window_end: str
    asked_at: str
    listed_from: str = ""
    changed_from: str = ""
    force_refetch: bool = False
    requests_per_second: float | None = None
    sample_percent: float = 0.0
    drift_percent: float = 100.0
    take_over: bool = False
    feed_failure: str = ""
    not_after: str = ""
    skip_because: str = ""
    label: str = ""
    manifest: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def window(self) -> Window:
        """:raises BadWindow: if its bounds make none."""
        return Window.parse(self.window_start, self.window_end)

    def as_xcom(self) -> dict[str, Any]:
        """Return what ``PlannedWindow(**…)`` reads."""
        return asdict(self)
