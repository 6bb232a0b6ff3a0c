"""
Price tags of an order's items: what they take off the items' prices, and what off their shipping.

A name is ``{discount or tax}@{price or shipping}-{promotion}#{calculation}``, or capitals without the rest, such as
``DISCOUNT@MARKETPLACE``, ``DISCOUNT@MANUALPRICE`` or ``DISCOUNT@SHIPPINGMARKETPLACE``. Taxes (``tax@…``, ``TAXHUB@…``)
change no selling price. VTEX's total of discounts is the items'; its total of shipping has shipping's in it already.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cdp_sync.rows.values import cents, cents_of
from cdp_sync.vtex.fields import Amount
from cdp_sync.vtex.order_document import Order
from cdp_sync.vtex.order_items import Item, PriceTag

_SHIPPING, _TAX = "discount@shipping", "tax"


class Discounts(NamedTuple):
    """
    Discounts in cents; zero or negative. None where the tags give no amount.

    :param line: on the price of all units of an item.
    :param shipping: on their shipping.
    """

    line: int | None
    shipping: int | None

    def plus(self, line: int | None, shipping: int | None) -> Discounts:
        """Return the sum; None with anything is None."""
        return Discounts(
            None if self.line is None or line is None else self.line + line,
            None if self.shipping is None or shipping is None else self.shipping + shipping,
        )


NONE_AT_ALL, UNKNOWN = Discounts(0, 0), Discounts(None, None)


class OrderDiscounts(NamedTuple):
    """
    Discounts of an order.

    :param lines: of each item.
    :param promotions: by the promotion that price tags name.
    """

    lines: list[Discounts]
    promotions: dict[str, Discounts]


@lru_cache(maxsize=1)  # several tables of an order need them
def order_discounts(order: Order) -> OrderDiscounts:
    """Sum the price tags of an order's items. :raises DocumentRejected: if an amount cannot be read."""
    promotions: dict[str, Discounts] = {}
    lines = [_line(place, item, promotions) for place, item in enumerate(order.items or ())]
    return OrderDiscounts(lines, promotions)


def _line(place: int, item: Item, promotions: dict[str, Discounts]) -> Discounts:
    """Return the discounts of an item; add them to those of the promotions."""
    if not item.priceTags:
        return UNKNOWN if item.priceTags is None else NONE_AT_ALL
    field = f"items[{place}].priceTags"
    found = NONE_AT_ALL
    for tag in item.priceTags:
        name = tag.name.lower() if isinstance(tag.name, str) else ""
        amount = _tag_cents(tag, field)
        if name.startswith(_TAX):
            continue
        both = (0, amount) if name.startswith(_SHIPPING) else (amount, 0)
        found = found.plus(*both)
        promotion = str(tag.identifier)
        promotions[promotion] = promotions.get(promotion, NONE_AT_ALL).plus(*both)
    # A tag in percent gives no amount, but what was paid does.
    line = _shown(item) if found.line is None else found.line
    return Discounts(cents(line, field), cents(found.shipping, field))


def _tag_cents(tag: PriceTag, field: str) -> int | None:
    """Return the amount of a tag: ``value`` in cents, else ``rawValue`` in currency units; None if it is in percent."""
    if tag.isPercentual:
        return None
    amount = cents(tag.value, field)
    if amount is None and tag.rawValue is not None:
        amount = cents(cents_of(tag.rawValue), field)
    return amount or 0


def discounts_agree(order: Order, total: int | None) -> bool | None:
    """
    Return whether price tags, selling prices and the total of discounts say the same; None if one says nothing.

    :param total: total of discounts. A document that counts shipping's among them agrees too.
    """
    found = order_discounts(order).lines
    if total is None or not found:
        return None
    on_items = on_shipping = 0
    agreeing = True
    for item, (line, shipping) in zip(order.items or (), found, strict=True):
        if line is None:
            return None
        on_items += line
        on_shipping += shipping or 0
        agreeing = agreeing and _as_shown(item, line)
    return agreeing and total in (on_items, on_items + on_shipping)


def _as_shown(item: Item, discount: int) -> bool:
    priced, paid = _priced(item), _paid(item)
    if priced is None or paid is None:
        return True
    # Every unit is rounded by itself, unless VTEX says what all of them cost together.
    measured = item.unitMultiplier not in (None, 1)
    slack = 0 if item.line_total() is not None and not measured else (item.quantity or 0) - (not measured)
    return abs(paid - priced - discount) <= slack


def _shown(item: Item) -> int | None:
    """Return the discount that an item's prices show, in cents; None if one is missing."""
    priced, paid = _priced(item), _paid(item)
    return None if priced is None or paid is None else round(paid - priced)


def _priced(item: Item) -> Amount:
    if item.price is None or item.quantity is None:
        return None
    priced = item.price * item.quantity
    return priced if item.unitMultiplier in (None, 1) else priced * item.unitMultiplier


def _paid(item: Item) -> Amount:
    total = item.line_total()
    if total is not None or item.sellingPrice is None or item.quantity is None:
        return total
    return item.sellingPrice * item.quantity
