"""Rows and pages of the order list, with its limits and inaccuracies."""

from __future__ import annotations

import ctypes
from typing import Any

import msgspec

from vtex_sandbox.clock import list_date, ticks


def row_of(document: dict[str, Any], *, last_change: bool) -> dict[str, Any]:
    """Return the list row of a document: second precision, money rounded by a float, names half Portuguese."""
    created, number = ticks(document["creationDate"]), len(document["orderId"])
    profile = document.get("clientProfileData") or {}
    payments = [
        payment.get("paymentSystemName") or ""
        for transaction in (document.get("paymentData") or {}).get("transactions") or []
        if transaction.get("isActive", True)
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
    """Return an amount as the index holds it: in single precision, whose 24 bits round what is high."""
    return ctypes.c_float(value).value if isinstance(value, int | float) else 0.0


def page_body(rows: list[bytes], *, total: int, page: int, per_page: int) -> bytes:
    """Return a page of ready rows, in VTEX's envelope."""
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
