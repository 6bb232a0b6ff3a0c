"""Typing of an order document as VTEX serves it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, cast

import msgspec

from cdp_sync.rows.buyer_columns import BUYER
from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.order_columns import ORDER, facts
from cdp_sync.rows.values import DocumentRejected, ForeignDocument, text
from cdp_sync.tenants import is_account_name
from cdp_sync.vtex.minor_fields import decode_without_odd
from cdp_sync.vtex.order_document import Order

ORDER_COLUMNS = (*ORDER, *BUYER)
"""Columns of ``staging.orders`` that a document fills."""
_LAST_CHANGE = ORDER_COLUMNS.index("last_change")
_order_values, _buyer_values = tuple(ORDER.values()), tuple(BUYER.values())


class TypedOrder(NamedTuple):
    """
    Rows of one order.

    :param order: values in the order of ``ORDER_COLUMNS``; money in cents, dates in UTC.
    :param lines: rows of each of ``LINE_TABLES``, values in the order of its columns.
    """

    order: tuple[object, ...]
    lines: tuple[list[tuple[object, ...]], ...]

    @property
    def last_change(self) -> datetime:
        """Moment of the order's version."""
        return cast(datetime, self.order[_LAST_CHANGE])


def type_order(document: bytes, *, tenant_id: int, order_id: str, account: str) -> TypedOrder:
    """
    Type a document of Get Order.

    VTEX's documents vary more than its specification says: everything but id, date and value may be missing or null.

    :param order_id: the order that was requested.
    :param account: the account whose order it must be.
    :raises ForeignDocument: if the document names another account; one that names none is taken.
    :raises DocumentRejected: if the document is not that order, or a value in it cannot be read.
    """
    try:
        document.decode()
        order = decode_without_odd(document, Order)
    except UnicodeDecodeError:
        raise DocumentRejected("the document is not valid UTF-8") from None
    except msgspec.ValidationError as error:
        raise DocumentRejected(f"the document is not an order as VTEX describes it: {error}") from None
    except msgspec.DecodeError:
        raise DocumentRejected("the document is not whole JSON, or nested too deeply") from None
    if order.orderId != order_id:
        raise DocumentRejected("orderId: the document answers for another order")
    named = text(order.hostname) or ""
    if is_account_name(named) and named.lower() != account.lower():
        raise ForeignDocument(named)
    try:
        return _typed(order, tenant_id)
    except DocumentRejected:
        raise
    except Exception as failure:  # whatever it is, it is this document's, and must not stop the others
        raise DocumentRejected(f"the document cannot be typed ({type(failure).__name__})") from failure


def _typed(order: Order, tenant_id: int) -> TypedOrder:
    # Lines first, so that an error in one names its place.
    lines = tuple([table.rows(order) for table in LINE_TABLES])
    found = facts(order, tenant_id)
    values = [value(found) for value in _order_values]
    values += [value(found.buyer) for value in _buyer_values]
    return TypedOrder(tuple(values), lines)
