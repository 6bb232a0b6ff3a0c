"""Columns of an order's line and of its product, each with its source in the document."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from cdp_sync.rows.values import cents, cents_of, key, quantity, text
from cdp_sync.vtex.order_document import AdditionalInfo, Item, Order

NOTHING_MORE = AdditionalInfo()


class Line(NamedTuple):
    """
    Item of a document.

    :param where: its place in the document, for messages.
    :param about: its fields on the product.
    """

    position: int
    where: str
    item: Item
    about: AdditionalInfo


def lines(order: Order) -> list[Line]:
    """Return the items of an order, with the parts that several columns need."""
    return [
        Line(position, f"items[{position}]", item, item.additionalInfo or NOTHING_MORE)
        for position, item in enumerate(order.items or ())
    ]


def _discount(of: Line) -> int | None:
    """Sum the price tags: ``value`` in cents, else ``rawValue`` in currency units."""
    if of.item.priceTags is None:
        return None
    total = 0
    for tag in of.item.priceTags:
        amount = cents(tag.value, f"{of.where}.priceTags")
        if amount is None and tag.rawValue is not None:
            amount = cents_of(tag.rawValue)
        total += amount or 0
    return cents(total, f"{of.where}.priceTags")


ITEM: dict[str, Callable[[Line], object]] = {
    "item_index": lambda of: of.position,
    "unique_id": lambda of: text(of.item.uniqueId),
    "sku_id": lambda of: key(of.item.id, f"{of.where}.id"),
    "product_id": lambda of: text(of.item.productId),
    "seller_id": lambda of: text(of.item.seller),
    "name": lambda of: text(of.item.name),
    "ref_id": lambda of: text(of.item.refId),
    "quantity": lambda of: quantity(of.item.quantity, f"{of.where}.quantity"),
    "list_price_cents": lambda of: cents(of.item.listPrice, f"{of.where}.listPrice"),
    "price_cents": lambda of: cents(of.item.price, f"{of.where}.price"),
    "selling_price_cents": lambda of: cents(of.item.sellingPrice, f"{of.where}.sellingPrice"),
    "tax_cents": lambda of: cents(of.item.tax, f"{of.where}.tax"),
    "discount_cents": _discount,
    "shipping_price_cents": lambda of: cents(of.item.shippingPrice, f"{of.where}.shippingPrice"),
    "measurement_unit": lambda of: text(of.item.measurementUnit),
    "unit_multiplier": lambda of: None if of.item.unitMultiplier is None else Decimal(str(of.item.unitMultiplier)),
    "is_gift": lambda of: of.item.isGift,
}
"""Columns of ``cdp.order_items``; money in cents."""

PRODUCT: dict[str, Callable[[Line], object]] = {
    "ean": lambda of: text(of.item.ean),
    "brand_id": lambda of: text(of.about.brandId),
    "brand_name": lambda of: text(of.about.brandName),
    "category_ids": lambda of: text(of.about.categoriesIds),
}
"""Columns of ``cdp.products`` that are not columns of a line."""
