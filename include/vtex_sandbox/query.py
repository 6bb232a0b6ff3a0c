"""Parameters of a request for the order list."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vtex_sandbox.clock import ticks
from vtex_sandbox.orders import LONGEST_LIFE, MEMORY

MAX_PAGES = 30
DATE_FILTERS = {
    "f_creationDate": "creationDate",
    "f_authorizedDate": "authorizedDate",
    "f_invoicedDate": "invoicedDate",
}
CHANNEL_NAMES = {"1": "Main", "2": "App", "3": "Mayorista"}
_RANGE = re.compile(r"(\w+):\[(\S+) TO (\S+)\]")
_EXACT = {"f_affiliateId": "affiliateId", "salesChannelId": "salesChannel"}


class BadQuery(ValueError):
    """A query VTEX answers with 400."""


@dataclass(frozen=True)
class Query:
    """
    Parsed parameters of a request. VTEX ignores those it does not know.

    :param ranges: bounds of dates by field of the document, in ticks, both inclusive.
    :param sort: name of the sort key.
    """

    parameters: dict[str, str]
    page: int
    per_page: int
    ranges: dict[str, tuple[int, int]]
    sort: str
    ascending: bool

    @classmethod
    def read(cls, parameters: dict[str, str]) -> Query:
        """Parse parameters. :raises BadQuery: past page 30, whatever the page size, or for a bad date or number."""
        page, per_page = _paging(parameters)
        ranges = {field: _range(parameters[name], field) for name, field in DATE_FILTERS.items() if name in parameters}
        sort, _, direction = parameters.get("orderBy", "creationDate,desc").partition(",")
        return cls(parameters, page, per_page, ranges, sort, direction == "asc")

    @property
    def by_creation_only(self) -> bool:
        """True if it filters and sorts by creation only: the usual query."""
        known = {"f_creationDate", "orderBy", "page", "per_page"}
        return self.parameters.keys() <= known and self.sort == "creationDate"

    def creation(self, at: int) -> tuple[int, int]:
        """Return the first and last tick of creation of orders that can match: VTEX forgets, and lives are short."""
        first, last = self.ranges.get("creationDate", (0, at))
        others = [bounds for field, bounds in self.ranges.items() if field != "creationDate"]
        return (
            max(first, at - MEMORY, *(start - LONGEST_LIFE for start, _ in others)),
            min(last, at, *(end for _, end in others)),
        )

    def wants(self, *, complete: bool, date: Callable[[str], int | None]) -> bool:
        """
        Return whether an order matches: cart or order, and its dates.

        :param date: returns the ticks of a field; an order without that date never matches its filter.
        """
        incomplete = self.parameters.get("incompleteOrders") == "true"
        return complete != incomplete and all(_within(date(field), bounds) for field, bounds in self.ranges.items())

    def matches(self, row: dict[str, Any]) -> bool:
        """Return whether a row passes the filters other than dates."""
        asked = self.parameters
        if "f_status" in asked and row["status"] not in asked["f_status"].split(","):
            return False
        if "f_salesChannel" in asked and CHANNEL_NAMES.get(row["salesChannel"]) != asked["f_salesChannel"]:
            return False
        if "q" in asked and asked["q"].lower() not in f"{row['orderId']} {row['clientName']}".lower():
            return False
        return all(row[field] == asked[name] for name, field in _EXACT.items() if name in asked)


def _within(moment: int | None, bounds: tuple[int, int]) -> bool:
    return moment is not None and bounds[0] <= moment <= bounds[1]


def _range(text: str, field: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(text)
    if not found or found[1] != field:
        raise BadQuery(f"Invalid filter f_{field}")
    try:
        return ticks(found[2]), ticks(found[3])
    except ValueError:
        raise BadQuery(f"Invalid date in f_{field}") from None


def _paging(parameters: dict[str, str]) -> tuple[int, int]:
    try:
        page, per_page = int(parameters.get("page", "1")), int(parameters.get("per_page", "15"))
    except ValueError:
        raise BadQuery("Invalid paging") from None
    if page > MAX_PAGES:
        raise BadQuery("Max page exceed")
    return max(page, 1), min(max(per_page, 1), 100)
