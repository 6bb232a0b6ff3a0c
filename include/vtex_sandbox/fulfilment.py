"""Delivery of an order: shipping, packages, changes on the way."""

from __future__ import annotations

from random import Random
from typing import Any

from vtex_sandbox.clock import DAY, SECOND, detail_date
from vtex_sandbox.orders import Order
from vtex_sandbox.template import PARTS

SHIPPING, LOGISTICS, SLA, COURIER = PARTS["shipping"], PARTS["logistics"], PARTS["sla"], PARTS["courier"]
PACKAGE, PACKED_ITEM, CHANGE = PARTS["package"], PARTS["packedItem"], PARTS["change"]


def shipping(
    rng: Random, order: Order, items: list[dict[str, Any]], address: dict[str, Any], name: str, price: int
) -> dict[str, Any]:
    """Return ``shippingData``: every item by one courier; sometimes VTEX does not say how."""
    channel = rng.choice(("delivery", "delivery", "delivery", "pickup-in-point"))
    courier = rng.choice(("Andreani", "OCA", "Correo Argentino"))
    logistics = _logistics(order, items, channel, courier, name, price, address["addressId"])
    return SHIPPING | {
        "address": address,
        "logisticsInfo": None if rng.random() < 0.02 else logistics,
        "selectedAddresses": [address],
        "availableAddresses": [address],
    }


def _logistics(
    order: Order, items: list[dict[str, Any]], channel: str, courier: str, name: str, price: int, address_id: str
) -> list[dict[str, Any]]:
    ids = [COURIER | {"courierId": courier[:3].upper(), "courierName": courier, "accountCarrierName": name}]
    promised = {
        "listPrice": price,
        "deliveryChannel": channel,
        "deliveryIds": ids,
        "shippingEstimateDate": detail_date(order.created + 5 * DAY),
    }
    every = {
        **LOGISTICS,
        **promised,
        "selectedSla": courier,
        "selectedDeliveryChannel": channel,
        "deliveryCompany": courier,
        "slas": [{**SLA, **promised, "id": courier, "name": courier, "price": price}],
        "deliveryChannels": [{"id": channel, "stockBalance": 0}],
        "addressId": address_id,
    }
    prices = [price] + [0] * (len(items) - 1)  # the first item has the whole price
    return [
        every | {"itemIndex": index, "itemId": item["id"], "price": share, "sellingPrice": share}
        for index, (item, share) in enumerate(zip(items, prices, strict=True))
    ]


def packages(order: Order, version: int, items: list[dict[str, Any]], value: int) -> dict[str, Any] | None:
    """Return ``packageAttachment``: the package, once there is an invoice, and its return if there was one."""
    invoiced = order.moment("invoiced", version)
    if invoiced is None:
        return {"packages": []} if order.seed % 20 else None
    tracked = order.moment("tracking", version)
    package = PACKAGE | {
        "items": [PACKED_ITEM | {"itemIndex": i, "price": item["sellingPrice"]} for i, item in enumerate(items)],
        "invoiceNumber": f"0001-{order.seed % 10**8:08d}",
        "invoiceValue": value,
        "issuanceDate": detail_date(invoiced),
        "trackingNumber": f"AR{order.seed % 10**10:010d}" if tracked else None,
        "courierStatus": _courier_status(order.moment("delivered", version)) if tracked else None,
    }
    packages = [package]
    if returned := order.moment("returned", version):
        packages.append(package | {"type": "Input", "issuanceDate": detail_date(returned), "trackingNumber": "DEV-1"})
    return {"packages": packages}


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
    change = CHANGE | {"discountValue": sum(item["price"] for item in items) // 10, "receipt": receipt}
    return {"id": "changeAttachment", "changesData": [change]}
