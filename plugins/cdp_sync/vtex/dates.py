"""Dates as VTEX writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?")


def read_date(text: str) -> datetime:
    """
    Read a .NET date into UTC, cut (not rounded) to the microsecond; a date without a zone is taken as UTC.

    VTEX writes up to seven decimals; PostgreSQL would round the last, and two versions would compare wrongly.

    :raises ValueError: if it is not a date.
    """
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is no date")
    seconds, fraction, zone = found.groups()
    moment = datetime.fromisoformat(seconds + (zone or "Z"))
    try:
        return moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6])).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text[:40]!r} is no date") from None
