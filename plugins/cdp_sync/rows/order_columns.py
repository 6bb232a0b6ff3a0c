"""Columns of an order, each with its source in the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdp_sync.rows.buyer_columns import NO_PROFILE, Buyer, buyer
from cdp_sync.rows.identity import shown
from cdp_sync.rows.json_text import joined_json, json_text
from cdp_sync.rows.price_tags import discounts_agree
from cdp_sync.rows.typing_version import TYPING_VERSION
from cdp_sync.rows.values import (
    cents,
    cents_or_none,
    date,
    joined,
    largest,
    quantity,
    required_cents,
    required_date,
    text,
)
from cdp_sync.vtex.order_document import (
    CallCenterOperator,
    Changes,
    ClientPreferences,
    GiftRegistry,
    Marketing,
    Marketplace,
    Order,
    StorePreferences,
)
from cdp_sync.vtex.order_payments import Payment
from cdp_sync.vtex.order_shipping import Address

NO_ADDRESS, NO_MARKETING, NO_MARKETPLACE, NO_PREFERENCES = (
    Address(), Marketing(), Marketplace(), StorePreferences(),
)  # fmt: skip
NO_CLIENT, NO_REGISTRY, NO_OPERATOR, NO_CHANGES = (
    ClientPreferences(), GiftRegistry(), CallCenterOperator(), Changes(),
)  # fmt: skip
TOTALS = ("Items", "Discounts", "Shipping", "Tax")
"""Ids of the totals with a column of their own. Not their names, which are in the shop's language."""
OTHER = "other"


class Facts(NamedTuple):
    """Document with the parts that several columns need."""

    order: Order
    payments: list[Payment]
    totals: dict[str, int]
    address: Address
    marketing: Marketing
    client: ClientPreferences
    registry: GiftRegistry
    buyer: Buyer


def facts(order: Order, tenant_id: int) -> Facts:
    """Compute once the parts that several columns need. :raises DocumentRejected: if a total cannot be read."""
    return Facts(
        order,
        order.payments(),
        _totals(order),
        order.address() or NO_ADDRESS,
        order.marketingData or NO_MARKETING,
        order.clientPreferencesData or NO_CLIENT,
        order.giftRegistryData or NO_REGISTRY,
        buyer(order.clientProfileData or NO_PROFILE, tenant_id),
    )


def _totals(order: Order) -> dict[str, int]:
    sums: dict[str, int] = {}
    for total in order.totals or ():
        name = str(total.id) if total.id in TOTALS else OTHER
        if (value := cents(total.value, f"totals {total.id}")) is not None:
            sums[name] = sums.get(name, 0) + value
    for name, value in sums.items():
        cents(value, f"totals {name}")
    return sums


def _alternative_totals(order: Order) -> bytes | None:
    found = ((total.id, json_text(total.alternativeTotals)) for total in order.totals or ())
    return joined_json({text(name) or "": alternatives for name, alternatives in found if alternatives is not None})


def _marketing_tags(marketing: Marketing) -> list[str] | None:
    if marketing.marketingTags is None:
        return None
    return [tag for tag in (text(tag) for tag in marketing.marketingTags) if tag is not None]


ORDER: dict[str, Callable[[Facts], object]] = {
    "order_id": lambda of: of.order.orderId,
    "status": lambda of: text(of.order.status),
    "order_date": lambda of: required_date(of.order.creationDate, "creationDate"),
    "authorized_at": lambda of: date(of.order.authorizedDate, "authorizedDate"),
    "invoiced_at": lambda of: date(of.order.invoicedDate, "invoicedDate"),
    "last_change": lambda of: (
        date(of.order.lastChange, "lastChange") or required_date(of.order.creationDate, "creationDate")
    ),
    "is_completed": lambda of: of.order.isCompleted,
    "order_group": lambda of: text(of.order.orderGroup),
    "sequence": lambda of: text(of.order.sequence),
    "origin": lambda of: text(of.order.origin),
    "sales_channel": lambda of: text(of.order.salesChannel),
    "affiliate_id": lambda of: text(of.order.affiliateId),
    "marketplace_order_id": lambda of: text(of.order.marketplaceOrderId),
    "seller_order_id": lambda of: text(of.order.sellerOrderId),
    "marketplace_name": lambda of: text((of.order.marketplace or NO_MARKETPLACE).name),
    "hostname": lambda of: text(of.order.hostname),
    "seller_ids": lambda of: [
        seller for seller in (text(seller.id) for seller in of.order.sellers or ()) if seller is not None
    ],
    "currency": lambda of: text((of.order.storePreferencesData or NO_PREFERENCES).currencyCode),
    "total_cents": lambda of: required_cents(of.order.value, "value"),
    "items_total_cents": lambda of: of.totals.get("Items"),
    "discounts_total_cents": lambda of: of.totals.get("Discounts"),
    "shipping_total_cents": lambda of: of.totals.get("Shipping"),
    "tax_total_cents": lambda of: of.totals.get("Tax"),
    "other_total_cents": lambda of: of.totals.get(OTHER),
    "item_count": lambda of: len(of.order.items or ()),
    "unit_count": lambda of: sum(quantity(item.quantity, "items.quantity") for item in of.order.items or ()),
    "payment_method": lambda of: joined(each.paymentSystemName or each.paymentSystem for each in of.payments),
    "payment_group": lambda of: joined(each.group for each in of.payments),
    "payment_count": lambda of: len(of.payments),
    "installments": lambda of: largest((each.installments for each in of.payments), "payments.installments"),
    "coupon": lambda of: text(of.marketing.coupon),
    "utm_source": lambda of: text(of.marketing.utmSource),
    "utm_medium": lambda of: text(of.marketing.utmMedium),
    "utm_campaign": lambda of: text(of.marketing.utmCampaign),
    "utmi_campaign": lambda of: text(of.marketing.utmiCampaign),
    "delivery_channel": lambda of: text(of.order.delivery_channel()),
    "shipping_country": lambda of: text(of.address.country),
    "shipping_state": lambda of: shown(of.address.state),
    "shipping_city": lambda of: shown(of.address.city),
    "shipping_postal_code": lambda of: shown(of.address.postalCode),
    "tracking_number": lambda of: text(of.order.tracking_number()),
    "cancel_reason": lambda of: text(of.order.cancel_reason()),
    "buyer_masked": lambda of: of.buyer.masked,
    "discounts_agree": lambda of: discounts_agree(of.order, of.totals.get("Discounts")),
    "alternative_totals": lambda of: _alternative_totals(of.order),
    "rounding_error_cents": lambda of: cents_or_none(of.order.roundingError),
    "opt_in_newsletter": lambda of: of.client.optinNewsLetter,
    "client_locale": lambda of: text(of.client.locale),
    "marketing_tags": lambda of: _marketing_tags(of.marketing),
    "utm_partner": lambda of: text(of.marketing.utmPartner),
    "utmi_page": lambda of: text(of.marketing.utmipage),
    "utmi_part": lambda of: text(of.marketing.utmiPart),
    "workflow_in_error": lambda of: of.order.workflowIsInError,
    "is_checked_in": lambda of: of.order.isCheckedIn,
    "checked_in_pickup_point_id": lambda of: text(of.order.checkedInPickupPointId),
    "call_center_operator": lambda of: text((of.order.callCenterOperatorData or NO_OPERATOR).userName),
    "merchant_name": lambda of: text(of.order.merchantName),
    "gift_registry_id": lambda of: text(of.registry.giftRegistryId),
    "gift_registry_type": lambda of: text(of.registry.giftRegistryTypeName),
    "order_form_id": lambda of: text(of.order.orderFormId),
    "creation_environment": lambda of: text(of.order.creationEnvironment),
    "open_text": lambda of: text(of.order.open_text()),
    "custom_data": lambda of: json_text(of.order.customData),
    "subscription": lambda of: json_text(of.order.subscriptionData),
    "changes": lambda of: json_text((of.order.changesAttachment or NO_CHANGES).changesData),
    "typing_version": lambda of: TYPING_VERSION,
}
"""Columns of ``cdp.order_events``; money in cents, dates in UTC."""
