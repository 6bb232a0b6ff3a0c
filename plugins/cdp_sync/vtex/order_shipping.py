"""Delivery of an order document: address, shipping of each line, packages."""

from __future__ import annotations

import msgspec

from cdp_sync.vtex.fields import Amount, Minor, Scalar


class Address(msgspec.Struct):
    country: Scalar = None
    state: Scalar = None
    city: Scalar = None
    postalCode: Scalar = None
    addressId: Minor[Scalar] = None
    addressType: Minor[Scalar] = None
    receiverName: Minor[Scalar] = None
    street: Minor[Scalar] = None
    number: Minor[Scalar] = None
    complement: Minor[Scalar] = None
    neighborhood: Minor[Scalar] = None
    reference: Minor[Scalar] = None
    geoCoordinates: Minor[list[Amount] | None] = None


class DeliveryWindow(msgspec.Struct):
    startDateUtc: Scalar = None
    endDateUtc: Scalar = None


class DeliveryId(msgspec.Struct):
    courierId: Scalar = None
    dockId: Scalar = None
    warehouseId: Scalar = None


class PickupStore(msgspec.Struct):
    friendlyName: Scalar = None


class Logistics(msgspec.Struct):
    deliveryChannel: Scalar = None
    selectedDeliveryChannel: Scalar = None
    itemIndex: Minor[Amount] = None
    selectedSla: Minor[Scalar] = None
    price: Minor[Amount] = None
    listPrice: Minor[Amount] = None
    sellingPrice: Minor[Amount] = None
    deliveryWindow: Minor[DeliveryWindow | str | None] = None
    deliveryCompany: Minor[Scalar] = None
    shippingEstimate: Minor[Scalar] = None
    shippingEstimateDate: Minor[Scalar] = None
    transitTime: Minor[Scalar] = None
    deliveryIds: Minor[list[DeliveryId] | None] = None
    pickupPointId: Minor[Scalar] = None
    pickupStoreInfo: Minor[PickupStore | None] = None
    addressId: Minor[Scalar] = None
    polygonName: Minor[Scalar] = None

    def channel(self) -> Scalar:
        """Return the delivery channel of the line, None if it has none."""
        return self.deliveryChannel or self.selectedDeliveryChannel or None


class Shipping(msgspec.Struct):
    address: Address | None = None
    selectedAddresses: list[Address] | None = None
    logisticsInfo: list[Logistics] | None = None


class PackedItem(msgspec.Struct):
    itemIndex: Amount = None
    quantity: Amount = None
    price: Amount = None


class CourierStatus(msgspec.Struct):
    status: Scalar = None
    finished: bool | None = None
    deliveredDate: Scalar = None


class Package(msgspec.Struct):
    type: Scalar = None
    trackingNumber: Scalar = None
    items: Minor[list[PackedItem] | None] = None
    courier: Minor[Scalar] = None
    invoiceNumber: Minor[Scalar] = None
    invoiceKey: Minor[Scalar] = None
    invoiceValue: Minor[Amount] = None
    invoiceUrl: Minor[Scalar] = None
    issuanceDate: Minor[Scalar] = None
    trackingUrl: Minor[Scalar] = None
    courierStatus: Minor[CourierStatus | None] = None
    volumes: Minor[Amount] = None
    restitutions: msgspec.Raw = msgspec.Raw()


class Packages(msgspec.Struct):
    packages: list[Package] | None = None


class Refund(msgspec.Struct):
    value: Amount = None


class Restitutions(msgspec.Struct):
    Refund: Refund | None = None
