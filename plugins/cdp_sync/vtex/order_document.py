"""Parts of VTEX's order document that are read, under VTEX's field names; everything else is ignored."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cdp_sync.vtex.lenient_json import decode

Scalar = str | int | float | bool | None
"""Field in which VTEX sends sometimes a text, sometimes a number."""
Amount = int | float | None
"""Money: integer cents, sometimes written as a float."""


class Total(msgspec.Struct):
    id: Scalar = None
    value: Amount = None


class Seller(msgspec.Struct):
    id: Scalar = None


class Marketplace(msgspec.Struct):
    name: Scalar = None


class StorePreferences(msgspec.Struct):
    currencyCode: Scalar = None


class Payment(msgspec.Struct):
    paymentSystem: Scalar = None
    paymentSystemName: Scalar = None
    group: Scalar = None
    installments: int | None = None


class Transaction(msgspec.Struct):
    isActive: bool | None = None
    payments: list[Payment] | None = None


class Payments(msgspec.Struct):
    transactions: list[Transaction] | None = None


class Marketing(msgspec.Struct):
    coupon: Scalar = None
    utmSource: Scalar = None
    utmMedium: Scalar = None
    utmCampaign: Scalar = None
    utmiCampaign: Scalar = None


class Address(msgspec.Struct):
    country: Scalar = None
    state: Scalar = None
    city: Scalar = None
    postalCode: Scalar = None


class Logistics(msgspec.Struct):
    deliveryChannel: Scalar = None
    selectedDeliveryChannel: Scalar = None


class Shipping(msgspec.Struct):
    address: Address | None = None
    selectedAddresses: list[Address] | None = None
    logisticsInfo: list[Logistics] | None = None


class Package(msgspec.Struct):
    type: Scalar = None
    trackingNumber: Scalar = None


class Packages(msgspec.Struct):
    packages: list[Package] | None = None


class Cancellation(msgspec.Struct):
    reason: Scalar = None
    Reason: Scalar = None


class Profile(msgspec.Struct):
    email: Scalar = None
    firstName: Scalar = None
    lastName: Scalar = None
    documentType: Scalar = None
    document: Scalar = None
    phone: Scalar = None
    corporateName: Scalar = None
    corporateDocument: Scalar = None
    isCorporate: bool | None = None
    userProfileId: Scalar = None


class PriceTag(msgspec.Struct):
    value: Amount = None
    rawValue: Amount = None


class AdditionalInfo(msgspec.Struct):
    brandName: Scalar = None
    brandId: Scalar = None
    categoriesIds: Scalar = None


class Item(msgspec.Struct):
    uniqueId: Scalar = None
    id: Scalar = None
    productId: Scalar = None
    ean: Scalar = None
    quantity: Amount = None
    seller: Scalar = None
    name: Scalar = None
    refId: Scalar = None
    price: Amount = None
    listPrice: Amount = None
    sellingPrice: Amount = None
    tax: Amount = None
    shippingPrice: Amount = None
    priceTags: list[PriceTag] | None = None
    additionalInfo: AdditionalInfo | None = None
    measurementUnit: Scalar = None
    unitMultiplier: Amount = None
    isGift: bool | None = None


LONGEST_ID = 200
"""Longest id of an order: no real one comes near, and a database's index takes no text of some thousand bytes."""


def is_order_id(value: object) -> bool:
    """Return whether a value can be the id of an order: a text that a key of the database holds."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and "\0" not in value


class _Completeness(msgspec.Struct):
    isCompleted: bool | None = True


def is_cart(document: bytes) -> bool:
    """Return whether a document is no order yet. An unreadable one counts as an order: staging rejects it."""
    try:
        return not decode(document, _Completeness).isCompleted
    except msgspec.DecodeError:
        return False


class Order(msgspec.Struct):
    orderId: str | None = None
    status: Scalar = None
    value: Amount = None
    creationDate: str | None = None
    lastChange: str | None = None
    authorizedDate: str | None = None
    invoicedDate: str | None = None
    isCompleted: bool | None = None
    orderGroup: Scalar = None
    sequence: Scalar = None
    origin: Scalar = None
    salesChannel: Scalar = None
    affiliateId: Scalar = None
    marketplaceOrderId: Scalar = None
    sellerOrderId: Scalar = None
    marketplace: Marketplace | None = None
    hostname: Scalar = None
    sellers: list[Seller] | None = None
    storePreferencesData: StorePreferences | None = None
    totals: list[Total] | None = None
    items: list[Item] | None = None
    paymentData: Payments | None = None
    marketingData: Marketing | None = None
    shippingData: Shipping | None = None
    packageAttachment: Packages | None = None
    cancelReason: Scalar = None
    cancellationData: Cancellation | None = None
    clientProfileData: Profile | None = None

    def payments(self) -> list[Payment]:
        """Return the payments of the active transactions."""
        transactions = (self.paymentData and self.paymentData.transactions) or []
        return [payment for each in transactions if each.isActive is not False for payment in each.payments or ()]

    def address(self) -> Address | None:
        """Return the delivery address, else the first selected one."""
        if self.shippingData is None:
            return None
        return self.shippingData.address or next(iter(self.shippingData.selectedAddresses or ()), None)

    def delivery_channel(self) -> Scalar:
        """Return the delivery channel of the first line."""
        lines = (self.shippingData and self.shippingData.logisticsInfo) or []
        return _first(value for line in lines[:1] for value in (line.deliveryChannel, line.selectedDeliveryChannel))

    def tracking_number(self) -> Scalar:
        """Return that of the first outgoing package with one; packages of type Input are returns."""
        packages = (self.packageAttachment and self.packageAttachment.packages) or []
        return _first(package.trackingNumber for package in packages if package.type in (None, "", "Output"))

    def cancel_reason(self) -> Scalar:
        """Return the reason of the cancellation; the older and the newer order system write it in different places."""
        found = self.cancellationData
        return _first((self.cancelReason, *((found.reason, found.Reason) if found else ())))


def _first(values: Iterable[Scalar]) -> Scalar:
    return next((value for value in values if value not in (None, "")), None)
