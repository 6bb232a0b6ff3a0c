"""Windows: half-open UTC intervals of orders to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

INCREMENTAL_SCOPE = timedelta(hours=24)
OVERLAP = timedelta(hours=1)
"""Overlap of a window with its predecessor: VTEX indexes late, later still under load."""
INDEX_LAG = timedelta(minutes=5)
"""Time a window ends before its run: VTEX lists an order about four minutes late."""
MAX_CATCH_UP = timedelta(days=7)
"""Longest window after downtime; the time before it is a gap, left to the historical sync."""
VTEX_MEMORY = timedelta(days=730)
"""Age up to which VTEX serves orders, by creation date."""
HISTORY_WINDOW = timedelta(days=7)
"""Length of a historical window."""


class BadWindow(ValueError):
    """Window that cannot be synced; the text says why and what to give instead."""


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
        """Read ISO 8601 bounds. :raises BadWindow: if one cannot be read, or they make no window."""
        bounds = []
        for name, text in (("start", start), ("end", end)):
            try:
                bounds.append(datetime.fromisoformat(text))
            except (TypeError, ValueError):
                raise BadWindow(f"Window {name} {text!r} is not a date and time in ISO 8601") from None
        return cls(*bounds)

    def from_whole_second(self) -> Window:
        """Return the window from the start of its first second: the list shows seconds, and would hide part of it."""
        return Window(self.start.replace(microsecond=0), self.end)

    def halves(self) -> tuple[Window, Window]:
        """Return two windows that share the middle, cut at a whole millisecond as VTEX's filters are."""
        middle = self.start + (self.end - self.start) / 2
        middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        return Window(self.start, middle), Window(middle, self.end)

    def pieces(self, length: timedelta) -> Iterator[Window]:
        """Yield windows of a length, newest first; the oldest may be shorter."""
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
    Return the window of an incremental run.

    It depends on the run only, so that a cleared run looks at the same window again.

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
    Return the first midnight (UTC) whose orders VTEX still serves; ``cdp.sync_gaps`` uses the same rule.

    Midnight, so that the tasks of a run and its retries cut a window at the same place.

    :param now: the real time, not the run's: VTEX's limit moves with the clock.
    """
    limit = now.astimezone(UTC) - VTEX_MEMORY
    midnight = limit.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == limit else midnight + timedelta(days=1)


def within_vtex_memory(window: Window, now: datetime) -> Window:
    """
    Return the part of a window whose orders VTEX still serves.

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
    Window of a tenant that each task hands to the next, as JSON in XCom, times in ISO 8601.

    :param tenant: slug.
    :param listed_from: list creation dates from here on, to see updates of older orders; if empty, the window's.
    :param changed_from: list payments and invoices from here on, and close the feed's gaps since then; if empty, the
        window's.
    :param asked_at: the run's moment.
    :param reread_before: read orders last read before this again, where VTEX's list carries no ``lastChange``; if
        empty, none.
    :param force_refetch: read every order of the window again, changed or not.
    :param only_outdated: replay: only orders that an older typing made.
    :param only_differing: replay: write only what differs from the stored rows.
    :param requests_per_second: rate to use instead of the sync type's share of the account's limit.
    :param sample_percent: full: percentage of unchanged orders to read anyway.
    :param drift_percent: full: percentage of orders that earlier syncs may have missed before the run fails.
    :param take_over: feed: configure it even if somebody else did.
    :param feed_failure: feed: the reason why it could not be drained; the last task fails with it.
    :param not_after: do not begin the window after this moment; empty for no limit.
    :param skip_because: reason not to sync the window; empty to sync it.
    :param label: name of the window in the UI, among others of a run.
    :param manifest: URI of the fetch's manifest.
    :param counts: counts of the task that hands it over.
    """

    tenant_id: int
    tenant: str
    window_start: str
    window_end: str
    asked_at: str
    listed_from: str = ""
    changed_from: str = ""
    reread_before: str = ""
    force_refetch: bool = False
    only_outdated: bool = False
    only_differing: bool = True
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
        """The window as a :class:`Window`. :raises BadWindow: if its bounds are invalid."""
        return Window.parse(self.window_start, self.window_end)

    def as_xcom(self) -> dict[str, Any]:
        """Return it as a dictionary that ``PlannedWindow(**…)`` accepts."""
        return asdict(self)
