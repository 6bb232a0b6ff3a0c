"""Columns of the shipping of an order's lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdp_sync.rows.price_tags import order_discounts
from cdp_sync.rows.values import cents, integer_or_none, joined, moment, text
from cdp_sync.vtex.fields import Scalar
from cdp_sync.vtex.order_document import Order
from cdp_sync.vtex.order_shipping import DeliveryId, DeliveryWindow, Logistics, PickupStore

NO_WINDOW, NO_STORE = DeliveryWindow(), PickupStore()


class ShipmentLine(NamedTuple):
    """
    Shipping of a line.

    :param where: its place in the document, for messages.
    :param discount: on the shipping, in cents; None if it names no line of the order.
    """

    position: int
    where: str
    shipping: Logistics
    item_index: int | None
    discount: int | None
    window: DeliveryWindow
    deliveries: list[DeliveryId]


def shipments(order: Order) -> list[ShipmentLine]:
    """Return the shipping of an order's lines, in VTEX's order, which may be another than theirs."""
    if not (found := (order.shippingData and order.shippingData.logisticsInfo)):
        return []
    # A line's discount counts once, even if two shipments name the line.
    left = {index: each.shipping for index, each in enumerate(order_discounts(order).lines)}
    return [_shipment(position, shipping, left) for position, shipping in enumerate(found)]


def _shipment(position: int, shipping: Logistics, discount_left: dict[int, int | None]) -> ShipmentLine:
    index = integer_or_none(shipping.itemIndex)
    return ShipmentLine(
        position,
        f"logisticsInfo[{position}]",
        shipping,
        index,
        None if index is None else discount_left.pop(index, None),
        shipping.deliveryWindow if isinstance(shipping.deliveryWindow, DeliveryWindow) else NO_WINDOW,
        shipping.deliveryIds or [],
    )


def _each(deliveries: list[DeliveryId], value: Callable[[DeliveryId], Scalar]) -> str | None:
    return text(value(deliveries[0])) if len(deliveries) == 1 else joined(value(each) for each in deliveries)


SHIPMENT: dict[str, Callable[[ShipmentLine], object]] = {
    "shipment_index": lambda of: of.position,
    "item_index": lambda of: of.item_index,
    "sla": lambda of: text(of.shipping.selectedSla),
    "delivery_channel": lambda of: text(of.shipping.channel()),
    "promised_at": lambda of: moment(of.shipping.shippingEstimateDate),
    "shipping_estimate": lambda of: text(of.shipping.shippingEstimate),
    "transit_time": lambda of: text(of.shipping.transitTime),
    "window_start": lambda of: moment(of.window.startDateUtc),
    "window_end": lambda of: moment(of.window.endDateUtc),
    "list_price_cents": lambda of: cents(of.shipping.listPrice, f"{of.where}.listPrice"),
    "price_cents": lambda of: cents(of.shipping.price, f"{of.where}.price"),
    "selling_price_cents": lambda of: cents(of.shipping.sellingPrice, f"{of.where}.sellingPrice"),
    "discount_cents": lambda of: of.discount,
    "delivery_company": lambda of: text(of.shipping.deliveryCompany),
    "courier_ids": lambda of: _each(of.deliveries, lambda each: each.courierId),
    "warehouse_ids": lambda of: _each(of.deliveries, lambda each: each.warehouseId),
    "dock_ids": lambda of: _each(of.deliveries, lambda each: each.dockId),
    "pickup_point_id": lambda of: text(of.shipping.pickupPointId),
    "pickup_point_name": lambda of: text((of.shipping.pickupStoreInfo or NO_STORE).friendlyName),
    "address_id": lambda of: text(of.shipping.addressId),
    "polygon_name": lambda of: text(of.shipping.polygonName),
}
"""Columns of ``cdp.order_shipments``; money in cents."""
