"""
The full document of an order, as detailed as VTEX's own.

Constant parts are drawn from the order's seed, changing ones follow from its events. The sequence of the draws matters:
another sequence makes other documents. What is rare is drawn by a generator of its own.
"""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from vtex_sandbox.cancellations import REASONS, cancellation, denied_request
from vtex_sandbox.clock import detail_date
from vtex_sandbox.fulfilment import changes, packages, shipping
from vtex_sandbox.items import SHIPPING_PRICES, benefits, discount_shipping, items_of, metadata, totals_of
from vtex_sandbox.orders import Order
from vtex_sandbox.payments import payments
from vtex_sandbox.people import customer, home, pick
from vtex_sandbox.scenario import Account
from vtex_sandbox.template import PARTS

STATUS_NAMES = {"invoiced": "Faturado", "canceled": "Cancelado", "handling": "Preparando Entrega"}
CHANNELS = ("1", "1", "1", "2", "3")
DOCUMENT, MARKETING = PARTS["document"], PARTS["marketing"]
RARE = {
    "callCenterOperatorData": PARTS["operator"],
    "customData": PARTS["customData"],
    "subscriptionData": PARTS["subscription"],
    "giftRegistryData": PARTS["giftRegistry"],
    "openTextField": {"value": "Dejar en portería"},
    "isCheckedIn": True,
    "checkedInPickupPointId": "1_SUC7",
    "workflowIsInError": True,
    "roundingError": 1,
}
"""Fields that few orders have."""
MORE = 0x5EED


def render(order: Order, version: int, account: Account, seed: int, name: str) -> bytes:
    """
    Return the document of an order after ``version`` of its events, compact JSON.

    ``value`` is the sum of ``totals``, in cents.
    """
    rng, more = Random(order.seed), Random(order.seed ^ MORE)
    person = pick(rng) if order.purchase is None else order.purchase.buyer
    items = items_of(rng, more, order, account.theme, seed)
    edited = order.moment("edited", version)
    shipping_price = rng.choice(SHIPPING_PRICES) if order.purchase is None else 0
    off = discount_shipping(more, items, shipping_price)
    totals = totals_of(items, shipping_price, off, edited=edited is not None)
    value = sum(total["value"] for total in totals)
    address = home(f"{seed}:{name}", person)
    status = order.status(version)
    rare = {field: value for field, value in RARE.items() if more.random() < 0.03}
    document = (
        DOCUMENT
        | rare
        | {
            "orderId": order.order_id,
            "sequence": str(order.sequence),
            **_marketplace(order, name),
            "sellers": [_seller(rng, order, name)],
            "salesChannel": rng.choice(CHANNELS),
            "status": status,
            "statusDescription": STATUS_NAMES.get(status or ""),
            "value": value,
            "creationDate": detail_date(order.created),
            "lastChange": detail_date(order.last_change(version)),
            "orderGroup": order.group,
            "totals": totals,
            "items": items,
            "clientProfileData": customer(f"{seed}:{name}", person, order.seed),
            "marketingData": (marketing := _marketing(rng, more)),
            "ratesAndBenefitsData": benefits(rng, items, marketing["coupon"] if marketing else None),
            "shippingData": shipping(rng, more, order, items, address, name, shipping_price, off),
            "paymentData": payments(rng, more, value, name),
            "packageAttachment": packages(order, version, items, value),
            "followUpEmail": f"{order.seed:032x}@ct.vtex.com.br",
            "hostname": name,
            "invoiceData": None if rng.random() < 0.7 else {"address": None, "userPaymentInfo": None},
            "changesAttachment": None if edited is None else changes(order, edited, items),
            "orderFormId": f"{order.seed * 7919:032x}"[:32],
            "isCompleted": order.complete(version),
            "allowCancellation": status not in ("invoiced", "canceled"),
            "authorizedDate": _optional(order.moment("authorized", version)),
            "invoicedDate": _optional(order.moment("invoiced", version)),
            "itemMetadata": {"Items": [metadata(item) for item in items]},
            "clientPreferencesData": {"locale": "es-AR", "optinNewsLetter": rng.random() < 0.4},
        }
    )
    asked = more.random() < 0.02
    if order.moment("reason", version) is not None:
        document |= cancellation(more, rng.choice(REASONS), order.last_change(version))
    elif asked and (invoiced := order.moment("invoiced", version)):
        document["cancellationRequests"] = denied_request(more, invoiced)
    return msgspec.json.encode(document)


def _marketplace(order: Order, name: str) -> dict[str, Any]:
    """Return the place of sale: the shop itself, or a marketplace, whose affiliate id the order's id begins with."""
    oms = f"http://oms.vtexinternal.com.br/api/oms?an={name}"
    own = order.seller == 1
    found: dict[str, Any] = {
        "marketplaceServicesEndpoint": oms if own else None,
        "marketplace": {"baseURL": oms, "isCertified": None, "name": name} if own else None,
    }
    if order.order_id.startswith(("MLB-", "GPA-", "SLR-")):
        affiliate, _, number = order.order_id.partition("-")
        return found | {
            "marketplaceOrderId": order.counterpart or number,
            "sellerOrderId": order.order_id,
            "origin": "Fulfillment",
            "affiliateId": affiliate,
        }
    return found | {"sellerOrderId": f"{'00' if own else 'SLR'}-{order.order_id}", "origin": "Marketplace"}


def _seller(rng: Random, order: Order, name: str) -> dict[str, Any]:
    shop = name if order.seller == 1 else f"seller{order.seller}"
    seller = {"id": "1" if order.seller == 1 else shop, "name": shop.title(), "logo": ""}
    if rng.random() < 0.9:
        seller["fulfillmentEndpoint"] = f"http://fulfillment.vtexcommerce.com.br/api/fulfillment?an={shop}"
    return seller


def _marketing(rng: Random, more: Random) -> dict[str, Any] | None:
    if rng.random() < 0.35:
        return None
    source = rng.choice(("google", "instagram", "newsletter", None))
    return MARKETING | {
        "utmSource": source,
        "utmMedium": source and rng.choice(("cpc", "email", "organic")),
        "utmCampaign": source and rng.choice(("hotsale", "cyber", "invierno")),
        "coupon": rng.choice(("BIENVENIDA10", None, None, "")),
        "utmPartner": "comparador" if more.random() < 0.05 else None,
        "marketingTags": ["app", "envio-rapido"] if more.random() < 0.2 else [],
    }


def _optional(moment: int | None) -> str | None:
    return None if moment is None else detail_date(moment)
