"""Two forms of VTEX's Orders API: the ordinary one, and that of accounts under Data Protection Plus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

NOTHING: Mapping[str, str] = MappingProxyType({})
LONGEST_REASON = 200

Filters = Mapping[str, str | int | bool]
"""Parameters of the order list, as VTEX names them."""


class Request(NamedTuple):
    """
    Request that a client sends.

    :param body: sent as JSON.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, str] = NOTHING
    body: Any = None


class OrdersApi(Protocol):
    """
    Requests for an account's orders. Lists and documents have the same fields, in details of another shape.

    :ivar list_path: path of the order list.
    :ivar unmasks: whether the form shows personal data that the other one masks.
    :ivar or_else: what else than an unknown account a 404 for the list may mean.
    """

    list_path: str
    unmasks: bool
    or_else: str

    def page(self, filters: Filters) -> Request:
        """Return the request for a page of the list."""

    def document(self, order_id: str) -> Request:
        """Return the request for an order's document."""


class OrdinaryApi(OrdersApi):
    """Requests of ordinary accounts."""

    list_path = "/api/oms/pvt/orders"
    unmasks = False
    or_else = ""

    def page(self, filters: Filters) -> Request:
        return Request(self.list_path, query={name: _text(value) for name, value in filters.items()})

    def document(self, order_id: str) -> Request:
        return Request(f"{self.list_path}/{_segment(order_id)}")


@dataclass(frozen=True)
class ProtectedApi(OrdersApi):
    """
    Requests of accounts under Data Protection Plus, which mask personal data unless a request for it has a reason.

    :param reason: a word or two that VTEX logs with each document.
    :raises ValueError: if it is none.
    """

    reason: str
    list_path = "/api/orders/extendsearch/orders"
    document_path = "/api/orders/pvt/document"
    unmasks = True
    or_else = ", or it is not under Data Protection Plus, as data_protection_reason says"

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not 0 < len(self.reason.strip()) <= LONGEST_REASON:
            raise ValueError(f"it must be a text of 1 to {LONGEST_REASON} characters")

    def page(self, filters: Filters) -> Request:
        return Request(self.list_path, method="POST", body=dict(filters))

    def document(self, order_id: str) -> Request:
        return Request(f"{self.document_path}/{_segment(order_id)}", query={"reason": self.reason.strip()})


PATHS = (OrdinaryApi.list_path, ProtectedApi.list_path, ProtectedApi.document_path)
"""Beginnings of the paths of both forms."""


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _segment(name: str) -> str:
    """Escape a name for a path; dots alone would climb it."""
    escaped = quote(name, safe="")
    return escaped if name.strip(".") else escaped.replace(".", "%2E")
