"""Tables with several rows of an order, each a table of ``cdp`` and of ``staging`` by the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdp_sync.rows.address_columns import ADDRESS, addresses
from cdp_sync.rows.cancellation_columns import CANCELLATION, cancellations
from cdp_sync.rows.item_columns import ITEM, lines
from cdp_sync.rows.package_columns import PACKAGE, PACKED, packages, packed_items
from cdp_sync.rows.payment_columns import PAYMENT, payments
from cdp_sync.rows.promotion_columns import PROMOTION, promotions
from cdp_sync.rows.shipment_columns import SHIPMENT, shipments
from cdp_sync.vtex.order_document import Order

Columns = Mapping[str, Callable[[Any], object]]
"""Columns with their source: a function of one part of a document."""


@dataclass(frozen=True)
class LineTable:
    """
    Table with a row for each part of a kind that an order has, numbered from 0.

    :param name: without its schema.
    :param key: column with the number of the row within its order.
    :param parts: parts of a document.
    :param columns: columns of ``cdp`` and ``staging``, the key among them.
    """

    name: str
    key: str
    parts: Callable[[Order], Sequence[Any]]
    columns: Columns

    def rows(self, order: Order) -> list[tuple[object, ...]]:
        """Return an order's rows, values as in ``columns``. :raises DocumentRejected: if one cannot be read."""
        values = self.columns.values()
        return [tuple([value(part) for value in values]) for part in self.parts(order)]


LINE_TABLES = (
    LineTable("order_items", "item_index", lines, ITEM),
    LineTable("order_payments", "payment_index", payments, PAYMENT),
    LineTable("order_packages", "package_index", packages, PACKAGE),
    LineTable("order_package_items", "package_item_index", packed_items, PACKED),
    LineTable("order_shipments", "shipment_index", shipments, SHIPMENT),
    LineTable("order_promotions", "promotion_index", promotions, PROMOTION),
    LineTable("order_cancellations", "cancellation_index", cancellations, CANCELLATION),
    LineTable("order_addresses", "address_index", addresses, ADDRESS),
)
