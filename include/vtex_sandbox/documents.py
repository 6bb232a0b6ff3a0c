"""
The full document of an order, as detailed as VTEX's own.

Constant parts are drawn from the order's seed, changing ones follow from its events. The sequence of the draws matters:
another sequence makes other documents.
"""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from vtex_sandbox.clock import detail_date
from vtex_sandbox.fulfilment import changes, packages, shipping
from vtex_sandbox.items import benefits, items_of, metadata, totals_of
from vtex_sandbox.orders import Order
from vtex_sandbox.payments import payments
from vtex_sandbox.people import customer, home, pick
from vtex_sandbox.scenario import Account
from vtex_sandbox.template import PARTS

STATUS_NAMES = {"invoiced": "Faturado", "canceled": "Cancelado", "handling": "Preparando Entrega"}
REASONS = ("Sin stock", "El cliente se arrepintió", "Pago no acreditado")
CHANNELS = ("1", "1", "1", "2", "3")
DOCUMENT, MARKETING = PARTS["document"], PARTS["marketing"]


def render(order: Order, version: int, account: Account, seed: int, name: str) -> bytes:
    """
    Return the document of an order after ``version`` of its events, compact JSON.

    ``value`` is the sum of ``totals``, in cents.
    """
    rng = Random(order.seed)
    person = pick(rng)
    items = items_of(rng, order, account.theme, seed)
    edited = order.moment("edited", version)
    totals = totals_of(rng, items, edited=edited is not None)
    value = sum(total["value"] for total in totals)
    shipping_price = next(total["value"] for total in totals if total["id"] == "Shipping")
    address = home(f"{seed}:{name}", person)
    status = order.status(version)
    document = DOCUMENT | {
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
        "marketingData": _marketing(rng),
        "ratesAndBenefitsData": benefits(rng, items),
        "shippingData": shipping(rng, order, items, address, name, shipping_price),
        "paymentData": payments(rng, value, name),
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
    if order.moment("reason", version) is not None:
        document |= _cancellation(rng.choice(REASONS), order.last_change(version))
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


def _marketing(rng: Random) -> dict[str, Any] | None:
    if rng.random() < 0.35:
        return None
    source = rng.choice(("google", "instagram", "newsletter", None))
    return MARKETING | {
        "utmSource": source,
        "utmMedium": source and rng.choice(("cpc", "email", "organic")),
        "utmCampaign": source and rng.choice(("hotsale", "cyber", "invierno")),
        "coupon": rng.choice(("BIENVENIDA10", None, None, "")),
    }


def _cancellation(reason: str, moment: int) -> dict[str, Any]:
    return {
        "cancelReason": reason,
        "cancellationData": {
            "RequestedByUser": True,
            "RequestedBySystem": False,
            "Reason": reason,
            "CancellationDate": detail_date(moment),
        },
    }


def _optional(moment: int | None) -> str | None:
    return None if moment is None else detail_date(moment)
