"""Columns of an order's delivery addresses: personal data."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdp_sync.rows.identity import shown
from cdp_sync.rows.values import measure, text
from cdp_sync.vtex.order_document import Order
from cdp_sync.vtex.order_shipping import Address


class AddressLine(NamedTuple):
    """Delivery address of a document."""

    position: int
    address: Address
    longitude: float | None
    latitude: float | None


def addresses(order: Order) -> list[AddressLine]:
    """Return the addresses an order goes to, each id once: the order's own first, then those selected for its lines."""
    if (shipping := order.shippingData) is None:
        return []
    found: dict[object, Address] = {}
    for address in (shipping.address, *(shipping.selectedAddresses or ())):
        if address is not None:
            found.setdefault(address.addressId, address)
    return [_line(position, address) for position, address in enumerate(found.values())]


def _line(position: int, address: Address) -> AddressLine:
    point = address.geoCoordinates or ()
    longitude, latitude = (measure(point[0]), measure(point[1])) if len(point) == 2 else (None, None)
    return AddressLine(position, address, longitude, latitude)


ADDRESS: dict[str, Callable[[AddressLine], object]] = {
    "address_index": lambda of: of.position,
    "address_id": lambda of: text(of.address.addressId),
    "address_type": lambda of: text(of.address.addressType),
    "receiver": lambda of: shown(of.address.receiverName),
    "street": lambda of: shown(of.address.street),
    "number": lambda of: shown(of.address.number),
    "complement": lambda of: shown(of.address.complement),
    "neighborhood": lambda of: shown(of.address.neighborhood),
    "reference": lambda of: shown(of.address.reference),
    "postal_code": lambda of: shown(of.address.postalCode),
    "city": lambda of: shown(of.address.city),
    "state": lambda of: shown(of.address.state),
    "country": lambda of: text(of.address.country),
    "longitude": lambda of: of.longitude,
    "latitude": lambda of: of.latitude,
}
"""Columns of ``cdp.order_addresses``."""
