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
ITEM, DISCOUNT, PRODUCT, GIFT_WRAP = PARTS["item"], PARTS["discount"], PARTS["product"], PARTS["giftWrap"]
BENEFIT, METADATA = PARTS["benefit"], PARTS["metadata"]


def items_of(rng: Random, order: Order, theme: str, seed: int) -> list[dict[str, Any]]:
    """Draw one to four items of a theme's catalogue."""
    products = catalogue(theme, seed)
    return [_item(rng, order, products) for _ in range(rng.choices((1, 2, 3, 4), (55, 28, 12, 5))[0])]


def _item(rng: Random, order: Order, products: tuple[Product, ...]) -> dict[str, Any]:
    product = products[min(int(rng.paretovariate(0.8)), len(products) * 9) % len(products)]
    discount = product.price * rng.choice((0, 0, 0, 5, 10, 15, 30)) // 100
    paid = product.price - discount
    item = ITEM | {
        "priceTags": [_discount(rng, discount)] if discount else [],
        "uniqueId": f"{rng.getrandbits(128):032X}",
        "id": product.sku,
        "productId": product.product,
        "ean": product.ean,
        "lockId": f"00-{order.order_id}",
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
            "sellingPrices": [{"value": paid, "quantity": 1}],
            "calculatedSellingPrice": paid,
            "total": paid,
            "reason": None,
        },
        "costPrice": product.price,
    }
    if rng.random() < 0.05:
        item["bundleItems"] = [GIFT_WRAP]
    if rng.random() < 0.1:
        item["priceDefinition"] = None
    return item


def _discount(rng: Random, amount: int) -> dict[str, Any]:
    return DISCOUNT | {
        "value": -amount,
        "identifier": f"083be5ff-12cd-4433-a625-{rng.getrandbits(48):012x}",
        "rawValue": -amount / 100,
    }


def totals_of(rng: Random, items: list[dict[str, Any]], *, edited: bool) -> list[dict[str, Any]]:
    """Return ``totals``, in cents; an edited order has one more."""
    price = sum(item["price"] * item["quantity"] for item in items)
    discounts = sum(tag["value"] for item in items for tag in item["priceTags"])
    shipping = rng.choice((0, 99_900, 149_900, 289_950))
    amounts = {"Items": price, "Discounts": discounts, "Shipping": shipping, "Tax": 0}
    if edited:
        amounts["Change"] = -(price // 10)
    return [{"id": key, "name": TOTAL_NAMES[key], "value": value} for key, value in amounts.items()]


def benefits(rng: Random, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return ``ratesAndBenefitsData``: one for each discount."""
    found = [tag["identifier"] for item in items for tag in item["priceTags"]]
    names = ("Hot Sale", "Segunda unidad", "Medio de pago")
    return {
        "id": "ratesAndBenefitsData",
        "rateAndBenefitsIdentifiers": [BENEFIT | {"id": identifier, "name": rng.choice(names)} for identifier in found],
    }


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
