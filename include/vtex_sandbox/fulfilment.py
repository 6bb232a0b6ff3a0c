"""Delivery of an order: shipping, packages, changes on the way."""

from __future__ import annotations

from random import Random
from typing import Any

from vtex_sandbox.clock import DAY, SECOND, detail_date
from vtex_sandbox.orders import Order
from vtex_sandbox.template import PARTS

SHIPPING, LOGISTICS, SLA, COURIER = PARTS["shipping"], PARTS["logistics"], PARTS["sla"], PARTS["courier"]
PICKUP, PICKUP_STORE, WINDOW = PARTS["pickup"], PARTS["pickupStore"], PARTS["deliveryWindow"]
PACKAGE, PACKED_ITEM, CHANGE = PARTS["package"], PARTS["packedItem"], PARTS["change"]
REFUND, RETURNED = PARTS["refund"], PARTS["returned"]
PICKUP_CHANNEL = "pickup-in-point"


def shipping(
    rng: Random,
    more: Random,
    order: Order,
    items: list[dict[str, Any]],
    address: dict[str, Any],
    name: str,
    price: int,
    off: int,
) -> dict[str, Any]:
    """
    Return ``shippingData``: every item by one courier, or to one pickup point; sometimes VTEX does not say how.

    :param more: draws what is rare.
    :param price: of the shipping, before its discount.
    :param off: its discount.
    """
    channel = rng.choice(("delivery", "delivery", "delivery", PICKUP_CHANNEL))
    courier = rng.choice(("Andreani", "OCA", "Correo Argentino"))
    if channel == PICKUP_CHANNEL:
        address = PICKUP | {"receiverName": address["receiverName"]}
    logistics = _logistics(more, order, items, channel, courier, name, price, off, address)
    return SHIPPING | {
        "address": address,
        "logisticsInfo": None if rng.random() < 0.02 else logistics,
        "selectedAddresses": [address],
        "availableAddresses": [address],
    }


def _logistics(
    more: Random,
    order: Order,
    items: list[dict[str, Any]],
    channel: str,
    courier: str,
    name: str,
    price: int,
    off: int,
    address: dict[str, Any],
) -> list[dict[str, Any]]:
    ids = [COURIER | {"courierId": courier[:3].upper(), "courierName": courier, "accountCarrierName": name}]
    if more.random() < 0.03:
        ids.append(ids[0] | {"dockId": "2", "warehouseId": "1_2"})
    estimate = order.created + 5 * DAY
    window = {"startDateUtc": detail_date(estimate), "endDateUtc": detail_date(estimate + DAY // 6)}
    promised = {
        "deliveryChannel": channel,
        "deliveryIds": ids,
        "shippingEstimateDate": detail_date(estimate),
        "deliveryWindow": WINDOW | window if more.random() < 0.04 else None,
    }
    if channel == PICKUP_CHANNEL:
        promised |= {"pickupPointId": "1_SUC7", "pickupStoreInfo": PICKUP_STORE | {"address": address}}
    every = {
        **LOGISTICS,
        **promised,
        "selectedSla": courier,
        "selectedDeliveryChannel": channel,
        "deliveryCompany": courier,
        "slas": [{**SLA, **promised, "id": courier, "name": courier, "price": price - off, "listPrice": price}],
        "deliveryChannels": [{"id": channel, "stockBalance": 0}],
        "addressId": address["addressId"],
    }
    # the first item has the whole price
    prices = [{"price": price - off, "sellingPrice": price - off, "listPrice": price}]
    prices += [{"price": 0, "sellingPrice": 0, "listPrice": 0}] * (len(items) - 1)
    return [
        every | {"itemIndex": index, "itemId": item["id"], **share}
        for index, (item, share) in enumerate(zip(items, prices, strict=True))
    ]


def packages(order: Order, version: int, items: list[dict[str, Any]], value: int) -> dict[str, Any] | None:
    """Return ``packageAttachment``: the package, once there is an invoice, and its return if there was one."""
    invoiced = order.moment("invoiced", version)
    if invoiced is None:
        return {"packages": []} if order.seed % 20 else None
    tracked = order.moment("tracking", version)
    package = PACKAGE | {
        "items": [_packed(index, item) for index, item in enumerate(items)],
        "invoiceNumber": f"0001-{order.seed % 10**8:08d}",
        "invoiceValue": value,
        "invoiceKey": f"{order.seed:020d}",
        "issuanceDate": detail_date(invoiced),
        "trackingNumber": f"AR{order.seed % 10**10:010d}" if tracked else None,
        "trackingUrl": "https://seguimiento.example/AR" if tracked else "",
        "volumes": 1,
        "courierStatus": _courier_status(order.moment("delivered", version)) if tracked else None,
    }
    packages = [package]
    if returned := order.moment("returned", version):
        packages.append(_return(package, items[0], returned))
    return {"packages": packages}


def _packed(index: int, item: dict[str, Any]) -> dict[str, Any]:
    return PACKED_ITEM | {"itemIndex": index, "quantity": item["quantity"], "price": item["sellingPrice"]}


def _return(package: dict[str, Any], item: dict[str, Any], moment: int) -> dict[str, Any]:
    """Return the package in which one unit of the first item comes back, and what the buyer gets for it."""
    back = RETURNED | {"id": item["id"], "price": item["sellingPrice"]}
    return package | {
        "type": "Input",
        "items": [_packed(0, item) | {"quantity": 1}],
        "invoiceValue": item["sellingPrice"],
        "issuanceDate": detail_date(moment),
        "trackingNumber": "DEV-1",
        "courierStatus": None,
        "restitutions": {"Refund": REFUND | {"value": item["sellingPrice"], "items": [back]}},
    }


def _courier_status(delivered: int | None) -> dict[str, Any]:
    return {
        "status": "Entregado" if delivered else "En camino",
        "finished": delivered is not None,
        "deliveredDate": None if delivered is None else detail_date(delivered),
        "data": [],
    }


def changes(order: Order, edited: int, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return ``changesAttachment`` of an order that was edited at a moment."""
    receipt = {
        "date": detail_date(edited + SECOND),
        "orderId": order.order_id,
        "receipt": f"029f9ab8-751a-4b1e-bf81-{order.seed:012x}",
    }
    price = sum(item["price"] * item["quantity"] for item in items)
    change = CHANGE | {"discountValue": price // 10, "receipt": receipt}
    return {"id": "changeAttachment", "changesData": [change]}
