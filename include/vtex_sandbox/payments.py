"""Payments of an order."""

from __future__ import annotations

from random import Random
from typing import Any

from vtex_sandbox.template import PARTS

SYSTEMS = (
    ("2", "Visa", "creditCard", 12), ("4", "Mastercard", "creditCard", 6), ("47", "Cash", "promissory", 1),
    ("401", "Mercado Pago", "MercadoPagoPro", 1), ("702", "Pago Fácil", "bankInvoice", 1),
    ("12", "Cabal", "creditCard", 3),
)  # fmt: skip
VOUCHER = ("16", "Vale", "giftCard", 1)
PAYMENT, GIFT_CARD = PARTS["payment"], PARTS["giftCard"]


def payments(rng: Random, more: Random, value: int, name: str) -> dict[str, Any]:
    """
    Return ``paymentData``: usually one payment, sometimes none, or a second one by voucher.

    :param more: draws what is rare: an attempt that was refused before.
    """
    chance = rng.random()
    parts = [value] if chance < 0.93 else [] if chance < 0.95 else [value // 3, value - value // 3]
    paid = [_payment(rng, amount, VOUCHER if place else rng.choice(SYSTEMS)) for place, amount in enumerate(parts)]
    cards = [_gift_card(more, payment) for payment in paid if payment["group"] == "giftCard"]
    transactions = [_transaction(rng, name, paid)]
    if more.random() < 0.04:
        refused = _payment(more, value, SYSTEMS[0])
        refused["connectorResponses"] |= {"ReturnCode": "51", "Message": "Fondos insuficientes"}
        transactions.insert(0, _transaction(more, name, [refused]) | {"isActive": False})
    return {"giftCards": cards, "transactions": transactions}


def _transaction(rng: Random, name: str, paid: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "isActive": True,
        "transactionId": f"{rng.getrandbits(128):032X}",
        "merchantName": name.upper(),
        "payments": paid,
    }


def _payment(rng: Random, amount: int, system: tuple[str, str, str, int]) -> dict[str, Any]:
    number, title, group, instalments = system
    tid = str(rng.randrange(10**9, 10**10))
    answer = {
        "Tid": tid,
        "ReturnCode": "0",
        "Message": "Aprobado",
        "authId": tid[:6],
        "nsu": tid[3:],
        "acquirer": "Prisma",
    }
    return PAYMENT | {
        "id": f"{rng.getrandbits(128):032X}",
        "paymentSystem": number,
        "paymentSystemName": title,
        "value": amount,
        "installments": rng.randint(1, instalments),
        "referenceValue": amount,
        "firstDigits": "450799" if group == "creditCard" else None,
        "lastDigits": "0001" if group == "creditCard" else None,
        "group": group,
        "tid": tid,
        "dueDate": "2026-12-01" if group == "bankInvoice" else None,
        "connectorResponses": {} if group == "bankInvoice" else answer,
    }


def _gift_card(more: Random, payment: dict[str, Any]) -> dict[str, Any]:
    """Return the gift card that a payment is made with; its code is in both."""
    card = GIFT_CARD | {"redemptionCode": f"VALE-{more.getrandbits(40):010X}", "value": payment["value"]}
    payment |= {
        "giftCardId": card["id"],
        "giftCardName": card["name"],
        "giftCardCaption": card["caption"],
        "redemptionCode": card["redemptionCode"],
        "giftCardProvider": card["provider"],
        "giftCardAsDiscount": False,
    }
    return card
