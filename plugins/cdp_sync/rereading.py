"""The hour at which orders are read again whose changes VTEX's list does not show."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cdp_sync.tenants import LOCAL_TZ

LONGEST_UNREAD = timedelta(hours=24)


def reread_before(asked_at: datetime, *, every_hours: int, off_peak_from: int) -> datetime:
    """
    Return the moment since which an order must have been read; if it was not, an incremental run reads it again.

    A run reads what would be unread for over a day before the next run. The day's first run from the start of off-peak
    time on reads everything: what it cannot manage, or all of it if it is missed, falls to the runs after it, which are
    off-peak too. Depends on the run only, so that a cleared run finds nothing more to read than it did.

    :param asked_at: the run's moment; one that is on no schedule is a run by hand, which reads nothing early.
    :param every_hours: hours between the tenant's runs, counted from midnight in Argentina.
    :param off_peak_from: hour in Argentina at which off-peak time starts.
    """
    local = asked_at.astimezone(ZoneInfo(LOCAL_TZ))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = range(0, 24, every_hours)
    if local == midnight + timedelta(hours=min(hours, key=lambda hour: (hour - off_peak_from) % 24)):
        return asked_at
    runs = (midnight + timedelta(hours=hour) for hour in (*hours, 24))
    return next(run for run in runs if run > local) - LONGEST_UNREAD
