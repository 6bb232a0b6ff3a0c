"""Columns of an order's line and of its product, each with its source in the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from cdp_sync.rows.json_text import json_text, without_nul
from cdp_sync.rows.price_tags import Discounts, order_discounts
from cdp_sync.rows.values import (
    cents,
    cents_or_none,
    exact,
    integer_or_none,
    key,
    measure,
    moment,
    quantity,
    text,
)
from cdp_sync.vtex.order_document import Order
from cdp_sync.vtex.order_items import AdditionalInfo, Dimension, Item

NOTHING_MORE, NO_DIMENSION = AdditionalInfo(), Dimension()


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
    size: Dimension
    discounts: Discounts


def lines(order: Order) -> list[Line]:
    """Return the items of an order, with the parts that several columns need."""
    found = zip(order.items or (), order_discounts(order).lines, strict=True)
    return [_line(position, item, discounts) for position, (item, discounts) in enumerate(found)]


def _line(position: int, item: Item, discounts: Discounts) -> Line:
    about = item.additionalInfo or NOTHING_MORE
    return Line(position, f"items[{position}]", item, about, about.dimension or NO_DIMENSION, discounts)


PRODUCT: dict[str, Callable[[Line], object]] = {
    "ean": lambda of: text(of.item.ean),
    "brand_id": lambda of: text(of.about.brandId),
    "brand_name": lambda of: text(of.about.brandName),
    "category_ids": lambda of: text(of.about.categoriesIds),
}
"""Columns of ``cdp.order_items`` and of ``cdp.products``."""

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
    "line_total_cents": lambda of: cents_or_none(of.item.line_total()),
    "tax_cents": lambda of: cents(of.item.tax, f"{of.where}.tax"),
    "discount_cents": lambda of: of.discounts.line,
    "shipping_price_cents": lambda of: cents(of.item.shippingPrice, f"{of.where}.shippingPrice"),
    "measurement_unit": lambda of: text(of.item.measurementUnit),
    "unit_multiplier": lambda of: exact(of.item.unitMultiplier),
    "is_gift": lambda of: of.item.isGift,
    "seller_sku": lambda of: text(of.item.sellerSku),
    **PRODUCT,
    "cost_price_cents": lambda of: cents_or_none(of.item.costPrice),
    "manual_price_cents": lambda of: cents_or_none(of.item.manualPrice),
    "reward_value": lambda of: exact(of.item.rewardValue),
    "commission": lambda of: exact(of.item.commission),
    "freight_commission": lambda of: exact(of.item.freightCommission),
    "weight": lambda of: measure(of.size.weight),
    "height": lambda of: measure(of.size.height),
    "length": lambda of: measure(of.size.length),
    "width": lambda of: measure(of.size.width),
    "cubic_weight": lambda of: measure(of.size.cubicweight),
    "presale_date": lambda of: moment(of.item.preSaleDate),
    "parent_item_index": lambda of: integer_or_none(of.item.parentItemIndex),
    "parent_assembly": lambda of: text(of.item.parentAssemblyBinding),
    "component_count": lambda of: len(of.item.components or ()),
    "price_tags": lambda of: without_nul(msgspec.json.encode(of.item.priceTags)) if of.item.priceTags else None,
    "bundle_items": lambda of: json_text(of.item.bundleItems),
    "attachments": lambda of: json_text(of.item.attachments),
}
"""Columns of ``cdp.order_items``; money in cents."""
