"""Columns of an order's payments. Nothing that identifies a card or can be spent is among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdp_sync.rows.values import calendar_day, cents, integer, text
from cdp_sync.vtex.order_document import Order
from cdp_sync.vtex.order_payments import ConnectorResponses, Payment, Transaction

NO_ANSWER = ConnectorResponses()


class PaymentLine(NamedTuple):
    """
    Payment of a document.

    :param position: over all transactions.
    :param where: its place in the document, for messages.
    :param answer: of the acquirer.
    """

    position: int
    where: str
    transaction: Transaction
    payment: Payment
    answer: ConnectorResponses


def payments(order: Order) -> list[PaymentLine]:
    """Return the payments of every transaction, active or not."""
    found: list[PaymentLine] = []
    for transaction in (order.paymentData and order.paymentData.transactions) or ():
        for payment in transaction.payments or ():
            position = len(found)
            answer = payment.connectorResponses or NO_ANSWER
            found.append(PaymentLine(position, f"payments[{position}]", transaction, payment, answer))
    return found


PAYMENT: dict[str, Callable[[PaymentLine], object]] = {
    "payment_index": lambda of: of.position,
    "payment_id": lambda of: text(of.payment.id),
    "transaction_id": lambda of: text(of.transaction.transactionId),
    "is_active": lambda of: of.transaction.isActive,
    "merchant_name": lambda of: text(of.transaction.merchantName),
    "payment_system_id": lambda of: text(of.payment.paymentSystem),
    "payment_system": lambda of: text(of.payment.paymentSystemName),
    "payment_group": lambda of: text(of.payment.group),
    "value_cents": lambda of: cents(of.payment.value, f"{of.where}.value"),
    "reference_value_cents": lambda of: cents(of.payment.referenceValue, f"{of.where}.referenceValue"),
    "installments": lambda of: integer(of.payment.installments, f"{of.where}.installments"),
    "due_date": lambda of: calendar_day(of.payment.dueDate),
    "gift_card_id": lambda of: text(of.payment.giftCardId),
    "gift_card_name": lambda of: text(of.payment.giftCardName),
    "gift_card_provider": lambda of: text(of.payment.giftCardProvider),
    "is_gift_card_discount": lambda of: (
        of.payment.isGiftCardDiscount if of.payment.giftCardAsDiscount is None else of.payment.giftCardAsDiscount
    ),
    "payment_origin": lambda of: text(of.payment.paymentOrigin),
    "tid": lambda of: text(of.payment.tid or of.answer.Tid or of.answer.tid),
    "authorization_id": lambda of: text(of.answer.authId or of.answer.authorizationId),
    "nsu": lambda of: text(of.answer.nsu or of.answer.Nsu),
    "acquirer": lambda of: text(of.answer.acquirer),
    "acquirer_status": lambda of: text(of.answer.status),
    "return_code": lambda of: text(of.answer.code if of.answer.ReturnCode is None else of.answer.ReturnCode),
}
"""Columns of ``cdp.order_payments``; money in cents."""
