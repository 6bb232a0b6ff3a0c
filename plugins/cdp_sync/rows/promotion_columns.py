"""Columns of the promotions applied to an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdp_sync.rows.price_tags import UNKNOWN, Discounts, order_discounts
from cdp_sync.rows.values import text
from cdp_sync.vtex.order_document import Benefit, Order

_COUPON = "couponCode@Marketing"


class PromotionLine(NamedTuple):
    """
    Promotion of a document.

    :param discounts: by its price tags.
    """

    position: int
    benefit: Benefit
    discounts: Discounts


def promotions(order: Order) -> list[PromotionLine]:
    """Return the promotions and taxes that were applied to an order."""
    if not (found := (order.ratesAndBenefitsData and order.ratesAndBenefitsData.rateAndBenefitsIdentifiers)):
        return []
    amounts = order_discounts(order).promotions
    return [
        PromotionLine(position, benefit, amounts.get(str(benefit.id), UNKNOWN))
        for position, benefit in enumerate(found)
    ]


PROMOTION: dict[str, Callable[[PromotionLine], object]] = {
    "promotion_index": lambda of: of.position,
    "promotion_id": lambda of: text(of.benefit.id),
    "name": lambda of: text(of.benefit.name),
    "is_featured": lambda of: of.benefit.featured,
    "coupon": lambda of: text((of.benefit.matchedParameters or {}).get(_COUPON)),
    "item_discount_cents": lambda of: of.discounts.line,
    "shipping_discount_cents": lambda of: of.discounts.shipping,
}
"""Columns of ``cdp.order_promotions``; money in cents."""
