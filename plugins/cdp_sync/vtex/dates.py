"""Dates as VTEX writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)?")

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Bounds of an order's dates, well within what Python and PostgreSQL can move to every time zone."""


def read_date(text: str) -> datetime:
    """
    Read a .NET date into UTC, cut (not rounded) to the microsecond; a date without a zone is taken as UTC.

    VTEX writes up to seven decimals; PostgreSQL would round the last, and two versions would compare wrongly.

    :raises ValueError: if it is not a date, or lies beyond any that an order can have.
    """
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no date")
    moment = datetime.fromisoformat(text)  # ignores the seventh decimal
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"{text[:40]!r} is no date of an order")
    return moment.astimezone(UTC)
