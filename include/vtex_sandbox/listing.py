"""The order list: rows, filters and pages, with its limits and its lies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from vtex_sandbox.clock import list_date, ticks

MAX_PAGES = 30
DATE_FILTERS = {
    "f_creationDate": "creationDate",
    "f_authorizedDate": "authorizedDate",
    "f_invoicedDate": "invoicedDate",
}
SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "creationDate": lambda row: row["created"],
    "orderId": lambda row: row["row"]["orderId"],
    "items": lambda row: row["row"]["totalItems"],
    "totalValue": lambda row: row["row"]["totalValue"],
    "origin": lambda row: row["row"]["origin"],
}
CHANNEL_NAMES = {"1": "Main", "2": "App", "3": "Mayorista"}
_RANGE = re.compile(r"(\w+):\[(\S+) TO (\S+)\]")
_EXACT = {"f_affiliateId": "affiliateId", "salesChannelId": "salesChannel"}


class BadQuery(ValueError):
    """A query VTEX answers with 400."""


def date_range(query: dict[str, str], name: str) -> tuple[int, int] | None:
    """Bounds of a date filter in ticks, both inclusive. :raises BadQuery: if it cannot be read."""
    if name not in query:
        return None
    found = _RANGE.fullmatch(query[name])
    if not found or found[1] != DATE_FILTERS[name]:
        raise BadQuery(f"Invalid filter {name}")
    try:
        start, end = ticks(found[2]), ticks(found[3])
    except ValueError:
        raise BadQuery(f"Invalid date in {name}") from None
    return start, end


def paging(query: dict[str, str]) -> tuple[int, int]:
    """Page and page size. :raises BadQuery: past page 30, whatever the page size."""
    try:
        page, per_page = int(query.get("page", "1")), int(query.get("per_page", "15"))
    except ValueError:
        raise BadQuery("Invalid paging") from None
    if page > MAX_PAGES:
        raise BadQuery("Max page exceed")
    return max(page, 1), min(max(per_page, 1), 100)


def matches(row: dict[str, Any], query: dict[str, str]) -> bool:
    """Whether a row passes the filters that are not dates; unknown parameters are ignored, as VTEX does."""
    if "f_status" in query and row["status"] not in query["f_status"].split(","):
        return False
    if "f_salesChannel" in query and CHANNEL_NAMES.get(row["salesChannel"]) != query["f_salesChannel"]:
        return False
    if "q" in query and query["q"].lower() not in f"{row['orderId']} {row['clientName']}".lower():
        return False
    return all(row[field] == query[name] for name, field in _EXACT.items() if name in query)


def row_of(document: dict[str, Any], *, last_change: bool) -> dict[str, Any]:
    """The list row of a document: second precision, money through a float that rounds, names half Portuguese."""
    created, number = ticks(document["creationDate"]), len(document["orderId"])
    profile = document.get("clientProfileData") or {}
    payments = [
        payment.get("paymentSystemName") or ""
        for transaction in (document.get("paymentData") or {}).get("transactions") or []
        for payment in transaction.get("payments") or []
    ]

    def date(name: str) -> str | None:
        return document.get(name) and list_date(ticks(document[name]), long=bool(number % 2))

    row = {
        "orderId": document["orderId"],
        "creationDate": list_date(created, long=bool(number % 2)),
        "clientName": f"{profile.get('firstName')} {profile.get('lastName')}",
        "items": None,
        "totalValue": _through_float(document["value"]),
        "paymentNames": ", ".join(payments),
        "status": document["status"],
        "statusDescription": document.get("statusDescription"),
        "marketPlaceOrderId": document.get("marketplaceOrderId") or None,
        "sequence": document["sequence"],
        "salesChannel": document["salesChannel"],
        "affiliateId": document["affiliateId"],
        "origin": document["origin"],
        "workflowInErrorState": False,
        "workflowInRetry": False,
        "lastMessageUnread": f" {document.get('hostname')} 96 Su pedido fue actualizado. ",
        "ShippingEstimatedDate": None,
        "ShippingEstimatedDateMax": None,
        "ShippingEstimatedDateMin": None,
        "orderIsComplete": document.get("isCompleted", True),
        "listId": None,
        "listType": None,
        "authorizedDate": date("authorizedDate"),
        "callCenterOperatorName": None,
        "totalItems": len(document.get("items") or []),
        "currencyCode": (document.get("storePreferencesData") or {}).get("currencyCode", "ARS"),
        "hostname": document.get("hostname"),
        "invoiceOutput": [document["orderId"]] if document.get("invoicedDate") else None,
        "invoiceInput": None,
    }
    if last_change:
        row["lastChange"] = date("lastChange")
        row["isAllDelivered"] = False
        row["isAnyDelivered"] = False
        row["orderFormId"] = document.get("orderFormId")
    return row


def _through_float(value: object) -> float:
    return float(f"{value:.7g}") if isinstance(value, int | float) else 0.0


def page_body(rows: list[bytes], *, total: int, page: int, per_page: int) -> bytes:
    """A page of ready rows, as VTEX wraps it."""
    statistics = {
        "Count": total, "Max": 0.0, "Mean": 0.0, "Min": 0.0, "Missing": 0, "StdDev": 0.0, "Sum": 0.0,
        "SumOfSquares": 0.0, "Facets": {},
    }  # fmt: skip
    rest = {
        "facets": [],
        "paging": {"total": total, "pages": -(-total // per_page), "currentPage": page, "perPage": per_page},
        "stats": {"stats": {"totalValue": statistics, "totalItems": statistics}},
        "reportRecordsLimit": 50000,
    }
    return b'{"list":[' + b",".join(rows) + b"]," + msgspec.json.encode(rest)[1:]
