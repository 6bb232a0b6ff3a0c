"""Off-peak hours, in which history may be synced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cdp_sync.tenants import LOCAL_TZ

_HOURS = re.compile(r"([01]?\d|2[0-3]):00-([01]?\d|2[0-3]):00")


class BadOffPeak(ValueError):
    """Off-peak hours that cannot be read; the text says how to write them."""


@dataclass(frozen=True)
class OffPeak:
    """
    Part of the day, in Argentina time; may span midnight. Whole hours; equal ones mean the whole day.

    :param first: hour at which it begins.
    :param last: hour at which it ends.
    """

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> OffPeak:
        """Read ``20:00-07:00``. :raises BadOffPeak: if it is not of this form."""
        found = _HOURS.fullmatch(text.strip())
        if found is None:
            raise BadOffPeak(f"CDP_OFF_PEAK is {text!r}; write off-peak hours as 20:00-07:00, whole hours of Argentina")
        return cls(int(found[1]), int(found[2]))

    @property
    def hours(self) -> list[int]:
        """Hours of the day in it, in order."""
        return [hour % 24 for hour in range(self.first, self.first + ((self.last - self.first) % 24 or 24))]

    def end_after(self, moment: datetime) -> datetime | None:
        """Return the end of the off-peak time that a moment lies in; None if it lies outside."""
        local = moment.astimezone(ZoneInfo(LOCAL_TZ))
        if local.hour not in self.hours:
            return None
        end = local.replace(hour=self.last, minute=0, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.first:02d}:00-{self.last:02d}:00"
