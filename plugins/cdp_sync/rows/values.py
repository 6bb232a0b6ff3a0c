"""Conversion of document values to column values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date as day
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

from cdp_sync.vtex.dates import EARLIEST, LATEST, read_date
from cdp_sync.vtex.fields import Amount, Scalar

_CENTS = 10**18
"""Bound of amounts in cents: columns are numeric(18, 2)."""
_INTEGER = 2**31
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
LONGEST_KEY = 500
"""Longest text of a key: an index takes no text of some thousand bytes."""


class DocumentRejected(ValueError):
    """Document that cannot be typed. The text names the field and the fault, never a personal value."""


class ForeignDocument(DocumentRejected):
    """
    Order of another account.

    :ivar account: the one it names.
    """

    def __init__(self, account: str) -> None:
        super().__init__(f"hostname: the order is of the account {account}")
        self.account = account


def text(value: Scalar) -> str | None:
    """Return text that PostgreSQL can store, without NUL characters."""
    if type(value) is str:
        return value.replace("\0", "\ufffd") if "\0" in value else value
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def filled(value: Scalar) -> str | None:
    """Return text without surrounding spaces; None if nothing is left."""
    return (text(value) or "").strip() or None


def joined(names: Iterable[Scalar]) -> str | None:
    """Return distinct names, sorted, joined by " + "; None if there are none."""
    return " + ".join(sorted({name for value in names if (name := filled(value))})) or None


def cents(amount: float | None, field: str) -> int | None:
    """Return an amount in cents. :raises DocumentRejected: if it is no whole number a column can hold."""
    if amount is None or (type(amount) is int and -_CENTS < amount < _CENTS):
        return amount
    if not -_CENTS < amount < _CENTS or amount != int(amount):
        raise DocumentRejected(f"{field} is not a whole number of cents")
    return int(amount)


def required_cents(amount: float | None, field: str) -> int:
    """Return an amount in cents. :raises DocumentRejected: also if it is missing."""
    found = cents(amount, field)
    if found is None:
        raise DocumentRejected(f"{field} is missing")
    return found


def cents_of(amount: float) -> int:
    """Return an amount of currency units in cents, rounded half up."""
    return int((Decimal(str(amount)) * 100).to_integral_value(ROUND_HALF_UP))


def key(value: Scalar, field: str) -> str | None:
    """Return text that can be part of a key. :raises DocumentRejected: if it is longer than any index takes."""
    found = text(value)
    if found is not None and len(found) > LONGEST_KEY:
        raise DocumentRejected(f"{field} is longer than {LONGEST_KEY} characters")
    return found


def quantity(amount: float | None, field: str) -> int:
    """Return a number of units. :raises DocumentRejected: if it is no whole number a column can hold, or missing."""
    if amount is None or not -_INTEGER <= amount < _INTEGER or amount != int(amount):
        raise DocumentRejected(f"{field} is no whole number a column can hold")
    return int(amount)


def largest(numbers: Iterable[int | None], field: str) -> int | None:
    """Return the largest number; None if there is none. :raises DocumentRejected: if a column cannot hold it."""
    most = max((number for number in numbers if number is not None), default=None)
    if most is not None and not -_INTEGER <= most < _INTEGER:
        raise DocumentRejected(f"{field} is no number a column can hold")
    return most


def date(value: str | None, field: str) -> datetime | None:
    """Return a moment in UTC; None if the field is empty. :raises DocumentRejected: if it is no date."""
    if not value:
        return None
    try:
        return read_date(value)
    except ValueError:
        raise DocumentRejected(f"{field} is no date") from None


def required_date(value: str | None, field: str) -> datetime:
    """Return a moment in UTC. :raises DocumentRejected: also if it is missing."""
    moment = date(value, field)
    if moment is None:
        raise DocumentRejected(f"{field} is missing")
    return moment


def cents_or_none(amount: Amount) -> int | None:
    """Return an amount in cents; None also if it is no whole number a column can hold."""
    return int(amount) if amount is not None and -_CENTS < amount < _CENTS and amount == int(amount) else None


def integer(number: Amount, field: str) -> int | None:
    """Return a number; None if it is missing. :raises DocumentRejected: if a column cannot hold it."""
    return None if number is None else quantity(number, field)


def integer_or_none(number: Amount) -> int | None:
    """Return a number; None also if it is no whole number a column can hold."""
    if number is None or not -_INTEGER <= number < _INTEGER or number != int(number):
        return None
    return int(number)


def measure(value: Scalar) -> float | None:
    """Return a size, a weight or a coordinate, which some shops write as text; None if it is no number."""
    if value is None or type(value) is float:
        return value
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) and not isinstance(value, bool) else None


def exact(number: Amount) -> Decimal | None:
    """Return a number with all its digits."""
    return None if number is None else Decimal(str(number))


def moment(value: Scalar) -> datetime | None:
    """Return a moment in UTC; None also if it is no date: shops and couriers write it, and .NET has a date for none."""
    if not value or not isinstance(value, str):
        return None
    try:
        return read_date(value)
    except ValueError:
        return None


def calendar_day(value: Scalar) -> day | None:
    """Return the day that a text begins with; None also if it begins with none."""
    if not isinstance(value, str) or not (found := _DAY.match(value)):
        return None
    try:
        read = day.fromisoformat(found[0])
    except ValueError:
        return None
    return read if EARLIEST.date() <= read < LATEST.date() else None
