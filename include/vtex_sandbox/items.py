"""The items of a document, and the parts computed from them."""

from __future__ import annotations

from random import Random
from typing import Any

from vtex_sandbox.catalogue import Product, catalogue
from vtex_sandbox.orders import Order
from vtex_sandbox.template import PARTS

TOTAL_NAMES = {
    "Items": "Total de los items", "Discounts": "Total de descuentos", "Shipping": "Costo total del envío",
    "Tax": "Costo total del cambio", "Change": "Total de cambios",
}  # fmt: skip
SHIPPING_PRICES = (0, 99_900, 149_900, 289_950)
ON_SHIPPING = "discount@shipping-"
ITEM, DISCOUNT, PRODUCT, GIFT_WRAP = PARTS["item"], PARTS["discount"], PARTS["product"], PARTS["giftWrap"]
BENEFIT, METADATA, ATTACHMENT = PARTS["benefit"], PARTS["metadata"], PARTS["attachment"]
BEFORE, OFF = PARTS["alternativeTotal"], PARTS["alternativeDiscount"]


def items_of(rng: Random, more: Random, order: Order, theme: str, seed: int) -> list[dict[str, Any]]:
    """Draw one to four items of a theme's catalogue, one of a known buyer's; ``more`` draws what is rare."""
    products = catalogue(theme, seed)
    if order.purchase:
        return [_item(rng, more, order, products, cents=order.purchase.cents)]
    return [_item(rng, more, order, products) for _ in range(rng.choices((1, 2, 3, 4), (55, 28, 12, 5))[0])]


def _item(
    rng: Random, more: Random, order: Order, products: tuple[Product, ...], *, cents: int | None = None
) -> dict[str, Any]:
    product = products[min(int(rng.paretovariate(0.8)), len(products) * 9) % len(products)]
    units = more.choices((1, 2, 3), (85, 10, 5))[0]
    discount = product.price * units * rng.choice((0, 0, 0, 5, 10, 15, 30)) // 100
    if cents is not None:
        product, units, discount = product._replace(price=cents), 1, 0
    total = product.price * units - discount
    paid, left = divmod(total, units)
    roundings = [{"value": paid, "quantity": units - left}, {"value": paid + 1, "quantity": left}]
    item = ITEM | {
        "priceTags": [_discount(rng, more, discount)] if discount else [],
        "uniqueId": f"{rng.getrandbits(128):032X}",
        "id": product.sku,
        "productId": product.product,
        "ean": product.ean,
        "lockId": f"00-{order.order_id}",
        "quantity": units,
        "seller": "1" if order.seller == 1 else f"seller{order.seller}",
        "name": product.name,
        "refId": product.ref,
        "price": product.price,
        "listPrice": product.price * rng.choice((100, 100, 120)) // 100,
        "imageUrl": f"https://tienda.vteximg.com.br/arquivos/ids/{rng.randrange(10**5, 10**6)}-55-55/x.jpg",
        "detailUrl": f"/producto-{product.product}/p",
        "sellerSku": product.sku,
        "additionalInfo": PRODUCT
        | {
            "brandName": product.brand,
            "brandId": product.brand_id,
            "categoriesIds": f"/{product.categories[1]['id']}/{product.categories[0]['id']}/",
            "categories": product.categories,
        },
        "sellingPrice": paid,
        "priceDefinition": {
            "sellingPrices": [each for each in roundings if each["quantity"]],
            "calculatedSellingPrice": paid,
            "total": total,
            "reason": None,
        },
        "costPrice": product.price,
    }
    if rng.random() < 0.05:
        item["bundleItems"] = [GIFT_WRAP]
    if rng.random() < 0.1:
        item["priceDefinition"] = None
    if more.random() < 0.03:
        item["attachments"] = [ATTACHMENT]
    if discount and more.random() < 0.03:  # an operator gave it
        item["manualPrice"] = paid
        item["priceTags"] = [_tag("DISCOUNT@MANUALPRICE", "", discount) | {"identifier": None}]
    return item


def _discount(rng: Random, more: Random, amount: int) -> dict[str, Any]:
    promotion = f"083be5ff-12cd-4433-a625-{rng.getrandbits(48):012x}"
    name = "DISCOUNT@MARKETPLACE" if more.random() < 0.5 else _name("discount@price-", promotion, more)
    return _tag(name, promotion, amount)


def _name(kind: str, promotion: str, more: Random) -> str:
    return f"{kind}{promotion}#5420fe70-7470-4b79-9741-{more.getrandbits(48):012x}"


def _tag(name: str, promotion: str, amount: int) -> dict[str, Any]:
    return DISCOUNT | {"name": name, "value": -amount, "identifier": promotion, "rawValue": -amount / 100}


def discount_shipping(more: Random, items: list[dict[str, Any]], price: int) -> int:
    """Take something off the shipping of some orders, by a price tag of the first item; return how much, in cents."""
    amount = price * more.choices((0, 50, 100), (80, 5, 15))[0] // 100
    if amount:
        promotion = f"1e522efe-9638-4f93-81d7-{more.getrandbits(48):012x}"
        tag = _tag(_name(ON_SHIPPING, promotion, more), promotion, amount)
        items[0]["priceTags"] = [*items[0]["priceTags"], tag]
    return amount


def totals_of(items: list[dict[str, Any]], shipping: int, off: int, *, edited: bool) -> list[dict[str, Any]]:
    """
    Return ``totals``, in cents; an edited order has one more.

    :param off: discount on the shipping: VTEX takes it off that total, and leaves it out of that of discounts.
    """
    price = sum(item["price"] * item["quantity"] for item in items)
    discounts = sum(
        tag["value"] for item in items for tag in item["priceTags"] if not tag["name"].startswith(ON_SHIPPING)
    )
    amounts = {"Items": price, "Discounts": discounts, "Shipping": shipping - off, "Tax": 0}
    if edited:
        amounts["Change"] = -(price // 10)
    totals: list[dict[str, Any]] = [
        {"id": key, "name": TOTAL_NAMES[key], "value": value} for key, value in amounts.items()
    ]
    if off:
        totals[2]["alternativeTotals"] = [BEFORE | {"value": shipping}, OFF | {"value": -off}]
    return totals


def benefits(rng: Random, items: list[dict[str, Any]], coupon: str | None) -> dict[str, Any]:
    """Return ``ratesAndBenefitsData``: one for each discount; a coupon belongs to the first."""
    found = [tag["identifier"] for item in items for tag in item["priceTags"] if tag["identifier"]]
    names = ("Hot Sale", "Segunda unidad", "Medio de pago")
    identifiers = [BENEFIT | {"id": identifier, "name": rng.choice(names)} for identifier in found]
    if coupon and identifiers:
        identifiers[0]["matchedParameters"] = {"couponCode@Marketing": coupon}
    return {"id": "ratesAndBenefitsData", "rateAndBenefitsIdentifiers": identifiers}


def metadata(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item of ``itemMetadata``."""
    return METADATA | {
        "Id": item["id"],
        "Seller": item["seller"],
        "Name": item["name"],
        "SkuName": item["name"],
        "ProductId": item["productId"],
        "RefId": item["refId"],
        "Ean": item["ean"],
        "ImageUrl": item["imageUrl"],
        "DetailUrl": item["detailUrl"],
    }
