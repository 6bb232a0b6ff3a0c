"""The full document of an order, as rich as VTEX's own."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from vtex_sandbox.catalogue import catalogue
from vtex_sandbox.clock import HOUR_TICKS, SECOND, detail_date
from vtex_sandbox.orders import Order
from vtex_sandbox.people import customer, home, pick
from vtex_sandbox.scenario import Account

PAYMENTS = (
    ("2", "Visa", "creditCard", 12), ("4", "Mastercard", "creditCard", 6), ("47", "Cash", "promissory", 1),
    ("401", "Mercado Pago", "MercadoPagoPro", 1), ("702", "Pago Fácil", "bankInvoice", 1),
    ("12", "Cabal", "creditCard", 3),
)  # fmt: skip
TOTAL_NAMES = {
    "Items": "Total de los items", "Discounts": "Total de descuentos", "Shipping": "Costo total del envío",
    "Tax": "Costo total del cambio", "Change": "Total de cambios",
}  # fmt: skip
STATUS_NAMES = {"invoiced": "Faturado", "canceled": "Cancelado", "handling": "Preparando Entrega"}
REASONS = ("Sin stock", "El cliente se arrepintió", "Pago no acreditado")
CHANNELS = ("1", "1", "1", "2", "3")


def render(order: Order, version: int, account: Account, seed: int, name: str) -> bytes:
    """The document of an order after ``version`` of its events, compact JSON."""
    return msgspec.json.encode(document(order, version, account, seed, name))


def document(order: Order, version: int, account: Account, seed: int, name: str) -> dict[str, Any]:
    """
    The document as a dictionary. ``value`` is the sum of ``totals``, in cents.

    What does not change is drawn from the order's seed; what does, from its events.
    """
    rng = Random(order.seed)
    person = pick(rng)
    lines = _lines(rng, order, account, seed)
    edited = order.moment("edited", version) is not None
    totals = _totals(rng, lines, edited=edited)
    value = sum(total["value"] for total in totals)
    shop = name if order.seller == 1 else f"seller{order.seller}"
    address = home(f"{seed}:{name}", person)
    status = order.status(version)
    external = order.order_id.startswith(("MLB-", "GPA-", "SLR-"))
    oms = f"http://oms.vtexinternal.com.br/api/oms?an={name}"
    seller = {"id": "1" if order.seller == 1 else shop, "name": shop.title(), "logo": ""}
    if rng.random() < 0.9:
        seller["fulfillmentEndpoint"] = f"http://fulfillment.vtexcommerce.com.br/api/fulfillment?an={shop}"
    full: dict[str, Any] = {
        "orderId": order.order_id,
        "sequence": str(order.sequence),
        "marketplaceOrderId": (order.counterpart or order.order_id.split("-", 1)[1]) if external else "",
        "marketplaceServicesEndpoint": oms if order.seller == 1 else None,
        "sellerOrderId": _seller_order_id(order, external),
        "origin": "Fulfillment" if external else "Marketplace",
        "affiliateId": order.order_id.split("-", 1)[0] if external else "",
        "salesChannel": rng.choice(CHANNELS),
        "merchantName": None,
        "status": status,
        "workflowIsInError": False,
        "statusDescription": STATUS_NAMES.get(status or ""),
        "value": value,
        "creationDate": detail_date(order.created),
        "lastChange": detail_date(order.last_change(version)),
        "orderGroup": order.group,
        "totals": totals,
        "items": lines,
        "marketplaceItems": [],
        "clientProfileData": customer(f"{seed}:{name}", person, order.seed),
        "giftRegistryData": None,
        "marketingData": _marketing(rng),
        "ratesAndBenefitsData": _benefits(rng, lines),
        "shippingData": _shipping(rng, order, lines, address, name, totals),
        "paymentData": _payments(rng, value, name),
        "packageAttachment": _packages(order, version, lines, value),
        "sellers": [seller],
        "callCenterOperatorData": None,
        "followUpEmail": f"{order.seed:032x}@ct.vtex.com.br",
        "lastMessage": None,
        "hostname": name,
        "invoiceData": None if rng.random() < 0.7 else {"address": None, "userPaymentInfo": None},
        "changesAttachment": _changes(order, version, lines) if edited else None,
        "openTextField": None,
        "roundingError": 0,
        "orderFormId": f"{order.seed * 7919:032x}"[:32],
        "commercialConditionData": None,
        "isCompleted": order.complete(version),
        "customData": None,
        "storePreferencesData": {
            "countryCode": "ARG",
            "currencyCode": "ARS",
            "currencyFormatInfo": {
                "CurrencyDecimalDigits": 2,
                "CurrencyDecimalSeparator": ",",
                "CurrencyGroupSeparator": ".",
                "CurrencyGroupSize": 3,
                "StartsWithCurrencySymbol": True,
            },
            "currencyLocale": 11274,
            "currencySymbol": "$",
            "timeZone": "Argentina Standard Time",
        },
        "allowCancellation": status not in ("invoiced", "canceled"),
        "allowEdition": False,
        "isCheckedIn": False,
        "marketplace": {"baseURL": oms, "isCertified": None, "name": name} if order.seller == 1 else None,
        "authorizedDate": _optional(order.moment("authorized", version)),
        "invoicedDate": _optional(order.moment("invoiced", version)),
        "cancelReason": None,
        "itemMetadata": {"Items": [_metadata(line) for line in lines]},
        "subscriptionData": None,
        "taxData": None,
        "checkedInPickupPointId": None,
        "cancellationData": None,
        "clientPreferencesData": {"locale": "es-AR", "optinNewsLetter": rng.random() < 0.4},
        "authorizationPolicyData": {
            "status": "accepted",
            "deniedPolicies": [],
            "pendingPolicies": [],
            "acceptedPolicies": [],
        },
        "cancellationRequests": None,
        "creationEnvironment": "STABLE",
        "budgetData": None,
    }
    if order.moment("reason", version) is not None:
        full["cancelReason"] = reason = rng.choice(REASONS)
        full["cancellationData"] = {
            "RequestedByUser": True,
            "RequestedBySystem": False,
            "Reason": reason,
            "CancellationDate": detail_date(order.last_change(version)),
        }
    return full


def _optional(moment: int | None) -> str | None:
    return None if moment is None else detail_date(moment)


def _seller_order_id(order: Order, external: bool) -> str:
    if external:
        return order.order_id
    return f"{'00' if order.seller == 1 else 'SLR'}-{order.order_id}"


def _lines(rng: Random, order: Order, account: Account, seed: int) -> list[dict[str, Any]]:
    products = catalogue(account.theme, seed)
    lines = []
    for _ in range(rng.choices((1, 2, 3, 4), (55, 28, 12, 5))[0]):
        product = products[min(int(rng.paretovariate(0.8)), len(products) * 9) % len(products)]
        off = rng.choice((0, 0, 0, 5, 10, 15, 30))
        discount = product.price * off // 100
        tags = []
        if discount:
            tags.append(
                {
                    "name": "DISCOUNT@MARKETPLACE",
                    "value": -discount,
                    "isPercentual": False,
                    "identifier": f"083be5ff-12cd-4433-a625-{rng.getrandbits(48):012x}",
                    "rawValue": -discount / 100,
                    "rate": None,
                    "jurisCode": None,
                    "jurisType": None,
                    "jurisName": None,
                }
            )
        line: dict[str, Any] = {
            "uniqueId": f"{rng.getrandbits(128):032X}",
            "id": product.sku,
            "productId": product.product,
            "ean": product.ean,
            "lockId": f"00-{order.order_id}",
            "itemAttachment": {"content": {}, "name": None},
            "attachments": [],
            "quantity": 1,
            "seller": "1" if order.seller == 1 else f"seller{order.seller}",
            "name": product.name,
            "refId": product.ref,
            "price": product.price,
            "listPrice": product.price * rng.choice((100, 100, 120)) // 100,
            "manualPrice": None,
            "manualPriceAppliedBy": None,
            "priceTags": tags,
            "imageUrl": f"https://tienda.vteximg.com.br/arquivos/ids/{rng.randrange(10**5, 10**6)}-55-55/x.jpg",
            "detailUrl": f"/producto-{product.product}/p",
            "components": [],
            "bundleItems": [],
            "params": [],
            "offerings": [],
            "attachmentOfferings": [],
            "sellerSku": product.sku,
            "priceValidUntil": None,
            "commission": 0,
            "tax": 0,
            "preSaleDate": None,
            "additionalInfo": {
                "brandName": product.brand,
                "brandId": product.brand_id,
                "categoriesIds": f"/{product.categories[1]['id']}/{product.categories[0]['id']}/",
                "categories": product.categories,
                "productClusterId": "137,162,174,193,204,219,223,239",
                "commercialConditionId": "1",
                "dimension": {"cubicweight": 0.5208, "height": 10.0, "length": 25.0, "weight": 435.0, "width": 10.0},
                "offeringInfo": None,
                "offeringType": None,
                "offeringTypeId": None,
            },
            "measurementUnit": "un",
            "unitMultiplier": 1.0,
            "sellingPrice": product.price - discount,
            "isGift": False,
            "shippingPrice": None,
            "rewardValue": 0,
            "freightCommission": 0,
            "priceDefinition": {
                "sellingPrices": [{"value": product.price - discount, "quantity": 1}],
                "calculatedSellingPrice": product.price - discount,
                "total": product.price - discount,
                "reason": None,
            },
            "taxCode": None,
            "parentItemIndex": None,
            "parentAssemblyBinding": None,
            "callCenterOperator": None,
            "serialNumbers": None,
            "assemblies": [],
            "costPrice": product.price,
        }
        if rng.random() < 0.05:
            line["bundleItems"] = [{"id": "9", "name": "Envoltorio de regalo", "quantity": 1, "price": 0}]
        if rng.random() < 0.1:
            line["priceDefinition"] = None
        lines.append(line)
    return lines


def _totals(rng: Random, lines: list[dict[str, Any]], *, edited: bool) -> list[dict[str, Any]]:
    items = sum(line["price"] * line["quantity"] for line in lines)
    discounts = sum(tag["value"] for line in lines for tag in line["priceTags"])
    shipping = rng.choice((0, 99_900, 149_900, 289_950))
    amounts = {"Items": items, "Discounts": discounts, "Shipping": shipping, "Tax": 0}
    if edited:
        amounts["Change"] = -(items // 10)
    return [{"id": key, "name": TOTAL_NAMES[key], "value": value} for key, value in amounts.items()]


def _marketing(rng: Random) -> dict[str, Any] | None:
    if rng.random() < 0.35:
        return None
    source = rng.choice(("google", "instagram", "newsletter", None))
    return {
        "id": "marketingData",
        "utmSource": source,
        "utmPartner": None,
        "utmMedium": source and rng.choice(("cpc", "email", "organic")),
        "utmCampaign": source and rng.choice(("hotsale", "cyber", "invierno")),
        "coupon": rng.choice(("BIENVENIDA10", None, None, "")),
        "utmiCampaign": "",
        "utmipage": "",
        "utmiPart": "",
        "marketingTags": [],
    }


def _benefits(rng: Random, lines: list[dict[str, Any]]) -> dict[str, Any]:
    found = [tag["identifier"] for line in lines for tag in line["priceTags"]]
    return {
        "id": "ratesAndBenefitsData",
        "rateAndBenefitsIdentifiers": [
            {
                "description": None,
                "featured": False,
                "id": identifier,
                "name": rng.choice(("Hot Sale", "Segunda unidad", "Medio de pago")),
                "matchedParameters": {"productCluster@CatalogSystem": "137|inclusive"},
                "additionalInfo": None,
            }
            for identifier in found
        ],
    }


def _shipping(
    rng: Random,
    order: Order,
    lines: list[dict[str, Any]],
    address: dict[str, Any],
    name: str,
    totals: list[dict[str, Any]],
) -> dict[str, Any]:
    channel = rng.choice(("delivery", "delivery", "delivery", "pickup-in-point"))
    price = next(total["value"] for total in totals if total["id"] == "Shipping")
    estimate = detail_date(order.created + 5 * 24 * HOUR_TICKS)
    courier = rng.choice(("Andreani", "OCA", "Correo Argentino"))
    ids = [
        {
            "courierId": courier[:3].upper(),
            "courierName": courier,
            "dockId": "1",
            "quantity": 1,
            "warehouseId": "1_1",
            "accountCarrierName": name,
            "kitItemDetails": [],
        }
    ]
    pickup = {"additionalInfo": None, "address": None, "dockId": None, "friendlyName": None, "isPickupStore": False}
    sla = {
        "id": courier,
        "name": courier,
        "shippingEstimate": "5bd",
        "deliveryWindow": None,
        "availableDeliveryWindows": [],
        "price": price,
        "listPrice": price,
        "deliveryChannel": channel,
        "pickupStoreInfo": pickup,
        "polygonName": "",
        "lockTTL": "12d",
        "pickupPointId": None,
        "transitTime": "5bd",
        "pickupDistance": 0.0,
        "deliveryIds": ids,
        "shippingEstimateDate": estimate,
    }
    logistics: list[dict[str, Any]] | None = [
        {
            "itemIndex": index,
            "itemId": line["id"],
            "selectedSla": courier,
            "selectedDeliveryChannel": channel,
            "lockTTL": "12d",
            "price": price if index == 0 else 0,
            "listPrice": price,
            "sellingPrice": price if index == 0 else 0,
            "deliveryWindow": None,
            "deliveryCompany": courier,
            "shippingEstimate": "5bd",
            "shippingEstimateDate": estimate,
            "slas": [sla],
            "shipsTo": ["ARG"],
            "deliveryIds": ids,
            "deliveryChannels": [{"id": channel, "stockBalance": 0}],
            "deliveryChannel": channel,
            "pickupStoreInfo": pickup,
            "addressId": address["addressId"],
            "polygonName": "",
            "pickupPointId": None,
            "transitTime": "5bd",
        }
        for index, line in enumerate(lines)
    ]
    if rng.random() < 0.02:
        logistics = None
    return {
        "id": "shippingData",
        "address": address,
        "logisticsInfo": logistics,
        "trackingHints": None,
        "selectedAddresses": [address],
        "availableAddresses": [address],
        "contactInformation": [],
    }


def _payments(rng: Random, value: int, name: str) -> dict[str, Any]:
    chance = rng.random()
    parts = [value] if chance < 0.93 else [] if chance < 0.95 else [value // 3, value - value // 3]
    payments = []
    for place, amount in enumerate(parts):
        system, title, group, instalments = ("16", "Vale", "giftCard", 1) if place else rng.choice(PAYMENTS)
        tid = str(rng.randrange(10**9, 10**10))
        payments.append(
            {
                "id": f"{rng.getrandbits(128):032X}",
                "paymentSystem": system,
                "paymentSystemName": title,
                "value": amount,
                "installments": rng.randint(1, instalments),
                "referenceValue": amount,
                "cardHolder": None,
                "cardNumber": None,
                "firstDigits": "450799" if group == "creditCard" else None,
                "lastDigits": "0001" if group == "creditCard" else None,
                "cvv2": None,
                "expireMonth": None,
                "expireYear": None,
                "url": None,
                "giftCardId": None,
                "giftCardName": None,
                "giftCardCaption": None,
                "redemptionCode": None,
                "group": group,
                "tid": tid,
                "dueDate": "2026-12-01" if group == "bankInvoice" else None,
                "connectorResponses": {"Tid": tid, "ReturnCode": "0", "Message": "Aprobado", "authId": tid[:6]},
                "giftCardProvider": None,
                "giftCardAsDiscount": None,
                "koinUrl": None,
                "accountId": None,
                "parentAccountId": None,
                "billingAddress": None,
                "paymentOrigin": None,
            }
        )
    return {
        "giftCards": [],
        "transactions": [
            {
                "isActive": True,
                "transactionId": f"{rng.getrandbits(128):032X}",
                "merchantName": name.upper(),
                "payments": payments,
            }
        ],
    }


def _packages(order: Order, version: int, lines: list[dict[str, Any]], value: int) -> dict[str, Any] | None:
    invoiced = order.moment("invoiced", version)
    if invoiced is None:
        return {"packages": []} if order.seed % 20 else None
    tracked, delivered = order.moment("tracking", version), order.moment("delivered", version)
    package = {
        "items": [
            {"itemIndex": index, "quantity": 1, "price": line["sellingPrice"], "description": None, "unitMultiplier": 0}
            for index, line in enumerate(lines)
        ],
        "courier": "Andreani",
        "invoiceNumber": f"0001-{order.seed % 10**8:08d}",
        "invoiceValue": value,
        "invoiceUrl": None,
        "issuanceDate": detail_date(invoiced),
        "trackingNumber": f"AR{order.seed % 10**10:010d}" if tracked else None,
        "invoiceKey": None,
        "trackingUrl": "",
        "embeddedInvoice": "",
        "type": "Output",
        "courierStatus": {
            "status": "Entregado" if delivered else "En camino",
            "finished": delivered is not None,
            "deliveredDate": _optional(delivered),
            "data": [],
        }
        if tracked
        else None,
        "cfop": None,
        "restitutions": {},
        "volumes": None,
    }
    packages = [package]
    if returned := order.moment("returned", version):
        packages.append({**package, "type": "Input", "issuanceDate": detail_date(returned), "trackingNumber": "DEV-1"})
    return {"packages": packages}


def _changes(order: Order, version: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    moment = order.moment("edited", version) or order.created
    return {
        "id": "changeAttachment",
        "changesData": [
            {
                "reason": "Diferencia de precio",
                "discountValue": sum(line["price"] for line in lines) // 10,
                "incrementValue": 0,
                "itemsAdded": [],
                "itemsRemoved": [],
                "receipt": {
                    "date": detail_date(moment + SECOND),
                    "orderId": order.order_id,
                    "receipt": f"029f9ab8-751a-4b1e-bf81-{order.seed:012x}",
                },
            }
        ],
    }


def _metadata(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "Id": line["id"],
        "Seller": line["seller"],
        "Name": line["name"],
        "SkuName": line["name"],
        "ProductId": line["productId"],
        "RefId": line["refId"],
        "Ean": line["ean"],
        "ImageUrl": line["imageUrl"],
        "DetailUrl": line["detailUrl"],
        "AssemblyOptions": [],
    }
