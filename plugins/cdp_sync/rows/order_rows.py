"""From an order document as VTEX serves it to typed rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import msgspec

from cdp_sync.rows.identity import clean_document, clean_email, identify
from cdp_sync.vtex.dates import read_date
from cdp_sync.vtex.order_document import Item, Order, Payment, Scalar

ORDER_COLUMNS = (
    "order_id", "status", "order_date", "authorized_at", "invoiced_at", "last_change", "is_completed",
    "order_group", "sequence", "origin", "sales_channel", "affiliate_id", "marketplace_order_id",
    "seller_order_id", "marketplace_name", "hostname", "seller_ids", "currency", "total_cents", "items_cents",
    "discounts_cents", "shipping_cents", "tax_cents", "other_cents", "item_count", "unit_count",
    "payment_method", "payment_group", "payment_count", "installments", "coupon", "utm_source", "utm_medium",
    "utm_campaign", "utmi_campaign", "delivery_channel", "shipping_country", "shipping_state", "shipping_city",
    "shipping_postal_code", "tracking_number", "cancel_reason", "customer_id", "identified_by", "document",
    "document_type", "email", "user_profile_id", "first_name", "last_name", "phone", "is_corporate",
    "corporate_name", "corporate_document",
)  # fmt: skip
ITEM_COLUMNS = (
    "item_index", "unique_id", "sku_id", "product_id", "seller_id", "name", "ref_id", "ean", "brand_id",
    "brand_name", "category_ids", "quantity", "list_price_cents", "price_cents", "selling_price_cents",
    "tax_cents", "discount_cents", "shipping_price_cents", "measurement_unit", "unit_multiplier", "is_gift",
)  # fmt: skip

_BIGINT = 2**63
_INTEGER = 2**31
_TOTALS = {"Items": 0, "Discounts": 1, "Shipping": 2, "Tax": 3}
_decode = msgspec.json.Decoder(Order).decode


class DocumentRejected(ValueError):
    """A document that cannot be typed. The text names the field and what is wrong, never a value of a person's."""


class TypedOrder(NamedTuple):
    """
    :param order: values in the order of ``ORDER_COLUMNS``; money in cents, dates in UTC.
    :param items: values in the order of ``ITEM_COLUMNS``, a tuple a line.
    """

    order: tuple[object, ...]
    items: list[tuple[object, ...]]


def type_order(document: bytes, *, tenant_id: int, order_id: str) -> TypedOrder:
    """
    Type a document of Get Order.

    VTEX's documents vary more than its specification says: everything but id, date and value may be missing or null.

    :param order_id: the order that was asked for.
    :raises DocumentRejected: if the document is no such order, or a value that matters cannot be read.
    """
    try:
        document.decode()
        order = _decode(document)
    except UnicodeDecodeError:
        raise DocumentRejected("the document is not valid UTF-8") from None
    except msgspec.ValidationError as error:
        raise DocumentRejected(f"the document is not an order as VTEX describes it: {error}") from None
    except msgspec.DecodeError:
        raise DocumentRejected("the document is not whole JSON") from None
    if order.orderId != order_id:
        raise DocumentRejected("orderId: the document answers for another order")
    items = [_item(index, item) for index, item in enumerate(order.items or ())]
    return TypedOrder(_order(order, tenant_id), items)


def _order(order: Order, tenant_id: int) -> tuple[object, ...]:
    created = _required_date(order.creationDate, "creationDate")
    marketing, address = order.marketingData, order.address()
    payments = order.payments()
    return (
        order.orderId,
        _text(order.status),
        created,
        _date(order.authorizedDate, "authorizedDate"),
        _date(order.invoicedDate, "invoicedDate"),
        _date(order.lastChange, "lastChange") or created,
        order.isCompleted,
        _text(order.orderGroup),
        _text(order.sequence),
        _text(order.origin),
        _text(order.salesChannel),
        _text(order.affiliateId),
        _text(order.marketplaceOrderId),
        _text(order.sellerOrderId),
        _text(order.marketplace.name) if order.marketplace else None,
        _text(order.hostname),
        [seller for seller in (_text(seller.id) for seller in order.sellers or ()) if seller is not None],
        _text(order.storePreferencesData.currencyCode) if order.storePreferencesData else None,
        _required_cents(order.value, "value"),
        *_totals(order),
        len(order.items or ()),
        sum(_quantity(item) for item in order.items or ()),
        _joined(payment.paymentSystemName or payment.paymentSystem for payment in payments),
        _joined(payment.group for payment in payments),
        len(payments),
        _installments(payments),
        *((_text(value) for value in marketing.columns()) if marketing else (None,) * 5),
        _text(order.delivery_channel()),
        *((_text(value) for value in address.columns()) if address else (None,) * 4),
        _text(order.tracking_number()),
        _text(order.cancel_reason()),
        *_customer(order, tenant_id),
    )


def _customer(order: Order, tenant_id: int) -> tuple[object, ...]:
    profile = order.clientProfileData
    if profile is None:
        return (None,) * 12
    company = clean_document(_filled(profile.corporateDocument))
    person = clean_document(_filled(profile.document))
    email = clean_email(_filled(profile.email))
    user_profile_id = _filled(profile.userProfileId)
    identity = identify(tenant_id, document=person or company, email=email, profile=user_profile_id)
    return (
        identity and identity.customer_id,
        identity and identity.identified_by,
        person,
        _filled(profile.documentType),
        email,
        user_profile_id,
        _filled(profile.firstName),
        _filled(profile.lastName),
        _filled(profile.phone),
        profile.isCorporate,
        _filled(profile.corporateName),
        company,
    )


def _item(index: int, item: Item) -> tuple[object, ...]:
    about = item.additionalInfo
    where = f"items[{index}]"
    return (
        index,
        _text(item.uniqueId),
        _text(item.id),
        _text(item.productId),
        _text(item.seller),
        _text(item.name),
        _text(item.refId),
        _text(item.ean),
        _text(about.brandId) if about else None,
        _text(about.brandName) if about else None,
        _text(about.categoriesIds) if about else None,
        _quantity(item, where),
        _cents(item.listPrice, f"{where}.listPrice"),
        _cents(item.price, f"{where}.price"),
        _cents(item.sellingPrice, f"{where}.sellingPrice"),
        _cents(item.tax, f"{where}.tax"),
        _discount(item, where),
        _cents(item.shippingPrice, f"{where}.shippingPrice"),
        _text(item.measurementUnit),
        None if item.unitMultiplier is None else Decimal(str(item.unitMultiplier)),
        item.isGift,
    )


def _totals(order: Order) -> tuple[int | None, ...]:
    """Items, Discounts, Shipping, Tax, and the sum of all others. Keyed on the id: names are in the shop's language."""
    sums: list[int | None] = [None] * 5
    for total in order.totals or ():
        place = _TOTALS.get(str(total.id), 4)
        value = _cents(total.value, f"totals {total.id}")
        if value is not None:
            sums[place] = (sums[place] or 0) + value
    return tuple(sums)


def _discount(item: Item, where: str) -> int | None:
    """Sum of the price tags; ``rawValue``, in currency units, where a tag has no ``value`` in cents."""
    if item.priceTags is None:
        return None
    total = 0
    for tag in item.priceTags:
        cents = _cents(tag.value, f"{where}.priceTags")
        if cents is None and tag.rawValue is not None:
            cents = int((Decimal(str(tag.rawValue)) * 100).to_integral_value(ROUND_HALF_UP))
        total += cents or 0
    return total


def _quantity(item: Item, where: str = "items") -> int:
    if item.quantity is None or not -_INTEGER <= item.quantity < _INTEGER or item.quantity != int(item.quantity):
        raise DocumentRejected(f"{where}.quantity is no whole number a column can hold")
    return int(item.quantity)


def _cents(amount: float | None, field: str) -> int | None:
    if amount is None:
        return None
    if not -_BIGINT <= amount < _BIGINT or amount != int(amount):
        raise DocumentRejected(f"{field} is not a whole number of cents")
    return int(amount)


def _required_cents(amount: float | None, field: str) -> int:
    cents = _cents(amount, field)
    if cents is None:
        raise DocumentRejected(f"{field} is missing")
    return cents


def _date(text: str | None, field: str) -> datetime | None:
    if not text:
        return None
    try:
        return read_date(text)
    except ValueError:
        raise DocumentRejected(f"{field} is no date") from None


def _required_date(text: str | None, field: str) -> datetime:
    moment = _date(text, field)
    if moment is None:
        raise DocumentRejected(f"{field} is missing")
    return moment


def _text(value: Scalar) -> str | None:
    """Text as PostgreSQL can store it: it knows no NUL."""
    if value is None:
        return None
    if type(value) is str:
        return value.replace("\0", "\ufffd") if "\0" in value else value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(value: Scalar) -> str | None:
    return (_text(value) or "").strip() or None


def _joined(names: Iterable[Scalar]) -> str | None:
    return " + ".join(sorted({name for name in map(_filled, names) if name})) or None


def _installments(payments: list[Payment]) -> int | None:
    most = max((payment.installments for payment in payments if payment.installments is not None), default=None)
    if most is not None and not -_INTEGER <= most < _INTEGER:
        raise DocumentRejected("payments.installments is no number a column can hold")
    return most
