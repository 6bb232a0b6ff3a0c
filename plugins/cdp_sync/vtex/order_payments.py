"""Payments of an order document. What identifies a card, and codes that can be spent, are not read."""

from __future__ import annotations

import msgspec

from cdp_sync.vtex.fields import Amount, Minor, Scalar


class ConnectorResponses(msgspec.Struct):
    """Answers of the acquirer; each connector has a spelling of its own."""

    Tid: Scalar = None
    tid: Scalar = None
    authId: Scalar = None
    authorizationId: Scalar = None
    nsu: Scalar = None
    Nsu: Scalar = None
    acquirer: Scalar = None
    status: Scalar = None
    ReturnCode: Scalar = None
    code: Scalar = None


class Payment(msgspec.Struct):
    paymentSystem: Scalar = None
    paymentSystemName: Scalar = None
    group: Scalar = None
    installments: int | None = None
    id: Minor[Scalar] = None
    value: Minor[Amount] = None
    referenceValue: Minor[Amount] = None
    giftCardId: Minor[Scalar] = None
    giftCardName: Minor[Scalar] = None
    giftCardProvider: Minor[Scalar] = None
    giftCardAsDiscount: Minor[bool | None] = None
    isGiftCardDiscount: Minor[bool | None] = None
    tid: Minor[Scalar] = None
    dueDate: Minor[Scalar] = None
    paymentOrigin: Minor[Scalar] = None
    connectorResponses: Minor[ConnectorResponses | None] = None


class Transaction(msgspec.Struct):
    isActive: bool | None = None
    payments: list[Payment] | None = None
    transactionId: Minor[Scalar] = None
    merchantName: Minor[Scalar] = None


class Payments(msgspec.Struct):
    transactions: list[Transaction] | None = None
