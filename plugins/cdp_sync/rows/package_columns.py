"""Columns of an order's packages and of what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from cdp_sync.rows.json_text import json_text
from cdp_sync.rows.values import cents, cents_or_none, integer_or_none, moment, text
from cdp_sync.vtex.order_document import Order
from cdp_sync.vtex.order_shipping import CourierStatus, Package, PackedItem, Restitutions

NO_STATUS = CourierStatus()


class PackageLine(NamedTuple):
    """
    Package of a document.

    :param where: its place in the document, for messages.
    """

    position: int
    where: str
    package: Package
    status: CourierStatus


class PackedLine(NamedTuple):
    """
    Item in a package of a document.

    :param position: over all packages.
    :param package: number of its package.
    :param where: its place in the document, for messages.
    """

    position: int
    package: int
    where: str
    item: PackedItem


def packages(order: Order) -> list[PackageLine]:
    """Return the packages of an order, returns among them."""
    return [
        PackageLine(position, f"packages[{position}]", package, package.courierStatus or NO_STATUS)
        for position, package in enumerate((order.packageAttachment and order.packageAttachment.packages) or ())
    ]


def packed_items(order: Order) -> list[PackedLine]:
    """Return what is in the packages of an order."""
    found: list[PackedLine] = []
    for number, package in enumerate((order.packageAttachment and order.packageAttachment.packages) or ()):
        for place, item in enumerate(package.items or ()):
            found.append(PackedLine(len(found), number, f"packages[{number}].items[{place}]", item))
    return found


def _refund(package: Package) -> int | None:
    if (returned := json_text(package.restitutions)) is None:
        return None
    try:
        refund = msgspec.json.decode(returned, type=Restitutions).Refund
    except msgspec.DecodeError:
        return None
    return cents_or_none(refund.value) if refund else None


PACKAGE: dict[str, Callable[[PackageLine], object]] = {
    "package_index": lambda of: of.position,
    "package_type": lambda of: text(of.package.type),
    "invoice_number": lambda of: text(of.package.invoiceNumber),
    "invoice_key": lambda of: text(of.package.invoiceKey),
    "invoice_value_cents": lambda of: cents(of.package.invoiceValue, f"{of.where}.invoiceValue"),
    "invoice_url": lambda of: text(of.package.invoiceUrl),
    "issued_at": lambda of: moment(of.package.issuanceDate),
    "courier": lambda of: text(of.package.courier),
    "tracking_number": lambda of: text(of.package.trackingNumber),
    "tracking_url": lambda of: text(of.package.trackingUrl),
    "courier_status": lambda of: text(of.status.status),
    "is_delivered": lambda of: of.status.finished,
    "delivered_at": lambda of: moment(of.status.deliveredDate),
    "volumes": lambda of: integer_or_none(of.package.volumes),
    "refund_cents": lambda of: _refund(of.package),
    "restitutions": lambda of: json_text(of.package.restitutions),
}
"""Columns of ``cdp.order_packages``; money in cents."""

PACKED: dict[str, Callable[[PackedLine], object]] = {
    "package_item_index": lambda of: of.position,
    "package_index": lambda of: of.package,
    "item_index": lambda of: integer_or_none(of.item.itemIndex),
    "quantity": lambda of: integer_or_none(of.item.quantity),
    "price_cents": lambda of: cents(of.item.price, f"{of.where}.price"),
}
"""Columns of ``cdp.order_package_items``; money in cents."""
