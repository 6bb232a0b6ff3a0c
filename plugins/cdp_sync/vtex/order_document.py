"""Parts of VTEX's order document that are read, under VTEX's field names; everything else is ignored."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cdp_sync.vtex.fields import Amount, Minor, Scalar
from cdp_sync.vtex.lenient_json import decode
from cdp_sync.vtex.order_cancellation import Cancellation, CancellationRequest
from cdp_sync.vtex.order_items import Item
from cdp_sync.vtex.order_payments import Payment, Payments
from cdp_sync.vtex.order_shipping import Address, Packages, Shipping


class Total(msgspec.Struct):
    id: Scalar = None
    value: Amount = None
    alternativeTotals: msgspec.Raw = msgspec.Raw()


class Seller(msgspec.Struct):
    id: Scalar = None


class Marketplace(msgspec.Struct):
    name: Scalar = None


class StorePreferences(msgspec.Struct):
    currencyCode: Scalar = None


class ClientPreferences(msgspec.Struct):
    locale: Scalar = None
    optinNewsLetter: bool | None = None


class Marketing(msgspec.Struct):
    coupon: Scalar = None
    utmSource: Scalar = None
    utmMedium: Scalar = None
    utmCampaign: Scalar = None
    utmiCampaign: Scalar = None
    utmPartner: Minor[Scalar] = None
    utmipage: Minor[Scalar] = None
    utmiPart: Minor[Scalar] = None
    marketingTags: Minor[list[Scalar] | None] = None


class Benefit(msgspec.Struct):
    id: Scalar = None
    name: Scalar = None
    featured: Minor[bool | None] = None
    matchedParameters: Minor[dict[str, Scalar] | None] = None


class Benefits(msgspec.Struct):
    rateAndBenefitsIdentifiers: list[Benefit] | None = None


class GiftRegistry(msgspec.Struct):
    giftRegistryId: Scalar = None
    giftRegistryTypeName: Scalar = None


class CallCenterOperator(msgspec.Struct):
    userName: Scalar = None


class OpenText(msgspec.Struct):
    value: Scalar = None


class Changes(msgspec.Struct):
    changesData: msgspec.Raw = msgspec.Raw()


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


class Order(msgspec.Struct, eq=False):
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
    cancellationRequests: Minor[list[CancellationRequest] | None] = None
    ratesAndBenefitsData: Minor[Benefits | None] = None
    clientPreferencesData: Minor[ClientPreferences | None] = None
    giftRegistryData: Minor[GiftRegistry | None] = None
    callCenterOperatorData: Minor[CallCenterOperator | None] = None
    changesAttachment: Minor[Changes | None] = None
    openTextField: Minor[OpenText | Scalar] = None
    workflowIsInError: Minor[bool | None] = None
    isCheckedIn: Minor[bool | None] = None
    checkedInPickupPointId: Minor[Scalar] = None
    roundingError: Minor[Amount] = None
    merchantName: Minor[Scalar] = None
    orderFormId: Minor[Scalar] = None
    creationEnvironment: Minor[Scalar] = None
    customData: msgspec.Raw = msgspec.Raw()
    subscriptionData: msgspec.Raw = msgspec.Raw()

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
        return lines[0].channel() if lines else None

    def tracking_number(self) -> Scalar:
        """Return that of the first outgoing package with one; packages of type Input are returns."""
        packages = (self.packageAttachment and self.packageAttachment.packages) or []
        return _first(package.trackingNumber for package in packages if package.type in (None, "", "Output"))

    def cancel_reason(self) -> Scalar:
        """Return the reason of the cancellation; the older and the newer order system write it in different places."""
        found = self.cancellationData
        return _first((self.cancelReason, *((found.reason, found.Reason) if found else ())))

    def open_text(self) -> Scalar:
        """Return the text that was left with the order; VTEX sends it bare or within an object."""
        found = self.openTextField
        return found.value if isinstance(found, OpenText) else found


def _first(values: Iterable[Scalar]) -> Scalar:
    return next((value for value in values if value not in (None, "")), None)
