"""
Accounts under Data Protection Plus: documents and list rows in the shape of VTEX's newer order system, mostly masked.

The masks are those of profiles in VTEX's documentation. It does not say which parts of an address are masked, nor
whether ``piiHidden`` is a property of the document, as in its example, or of the account, as in its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from vtex_sandbox.clock import list_date, ticks
from vtex_sandbox.listing import row_of

PERSONAL = (
    "email", "firstName", "lastName", "document", "phone", "corporateName", "tradeName", "corporateDocument",
    "corporatePhone", "stateInscription",
)  # fmt: skip
PLACE = ("receiverName", "street", "number", "complement", "reference", "neighborhood", "postalCode")
LISTED = ("clientEmail", "clientDocument", "clientCorporateDocument", "clientCorporateName", "clientName")
_OFFSET = re.compile(rb'(?<=")(\d{4}-\d\d-\d\dT[\d:.]+)\+00:00(?=")')
_ALL_BUT_FIRST = re.compile(r"(?<=\w)\w")


def masked(document: bytes) -> bytes:
    """Return a document, or several in an array, with personal data masked; the profile's id, a token, stays."""
    found = msgspec.json.decode(document)
    return msgspec.json.encode([_masked(each) for each in found] if isinstance(found, list) else _masked(found))


def protected(document: bytes, *, shown: bool) -> bytes:
    """Return a document in the newer shape. :param shown: leave personal data as it is."""
    old = msgspec.json.decode(document)
    if not shown:
        old = _masked(old)
    old.pop("statusDescription", None)
    new = (
        {"id": old["orderId"]} | old | {"state": old.get("status"), "piiHidden": not shown, "documentVersion": "2.1.5"}
    )
    for name in ("cancellationData", "itemMetadata"):
        if new.get(name):
            new[name] = {key[0].lower() + key[1:]: value for key, value in new[name].items()}
    return _OFFSET.sub(rb"\1Z", msgspec.json.encode(new))


def protected_row(document: dict[str, Any], *, last_change: bool) -> dict[str, Any]:
    """
    Return the list row of a document in the newer shape, always masked.

    Sales channel and affiliate are not in VTEX's; the filters need them.
    """
    old = row_of(document, last_change=last_change)
    profile = document.get("clientProfileData") or {}
    sellers = document.get("sellers") or []
    items = document.get("items") or []

    def date(name: str) -> str | None:
        return document.get(name) and list_date(ticks(document[name]), long=False).replace("+00:00", "Z")

    same = (
        "orderId", "paymentNames", "sequence", "origin", "status", "currencyCode", "totalItems", "hostname",
        "orderIsComplete", "workflowInErrorState", "workflowInRetry", "salesChannel", "affiliateId",
    )  # fmt: skip
    row = {name: old[name] for name in same} | {
        "orderGroup": document.get("orderGroup"),
        "clientEmail": profile.get("email"),
        "clientDocument": profile.get("document"),
        "clientCorporateDocument": profile.get("corporateDocument"),
        "clientCorporateName": profile.get("corporateName"),
        "clientName": old["clientName"],
        "totalValue": int(old["totalValue"]),
        "sellerNames": [seller.get("name") for seller in sellers],
        "sellerIds": [seller.get("id") for seller in sellers],
        "sellerOrderId": document.get("sellerOrderId"),
        "productIds": [item.get("productId") for item in items],
        "productNames": [item.get("name") for item in items],
        "creationDate": date("creationDate"),
        "authorizedDate": date("authorizedDate"),
        "invoicedDate": date("invoicedDate"),
        "invoicesOutput": old["invoiceOutput"],
        "invoicesInput": None,
        "userProfileId": profile.get("userProfileId"),
        "ingestPipelineMetadata": ["OMS", "SOLR", "1.123.10", "STABLE", "Service", "DoIndexMarketplaceOrder"],
    }
    if last_change:
        row |= {"lastChange": date("lastChange"), "isAllDelivered": False, "isAnyDelivered": False}
    return row | {name: mask(row[name]) for name in LISTED}


def mask(value: object) -> object:
    """Return a text with all but the first character of each word replaced: ``john@mail.com`` is ``j***@m***.c**``."""
    return _ALL_BUT_FIRST.sub("*", value) if isinstance(value, str) else value


def _masked(document: dict[str, Any]) -> dict[str, Any]:
    """Mask the personal data of a decoded document, in place; return it."""
    for place in _places(document):
        place.update({name: mask(place[name]) for name in PLACE if name in place})
    profile = document.get("clientProfileData") or {}
    profile.update({name: mask(profile[name]) for name in PERSONAL if name in profile})
    return document


def _places(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    data = document.get("shippingData") or {}
    yield from filter(None, [data.get("address"), *(data.get("selectedAddresses") or [])])
