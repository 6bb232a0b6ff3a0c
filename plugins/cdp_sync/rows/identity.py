"""Identifiers of the buyer of an order, cleaned, and their keys."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

from cdp_sync.rows.values import filled
from cdp_sync.vtex.fields import Scalar

_ALIAS = re.compile(r"(?P<address>[^@\s]+@[^@\s]+)-[0-9]+[a-z]?\.ct\.vtex\.com(?:\.br)?")
_VTEX = "ct.vtex.com"
_OPAQUE = re.compile(r".*@(?:[^@]+\.)?ct\.vtex\.com(?:\.br)?")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_NOT_A_DIGIT = re.compile(r"[^0-9]+")
SHORTEST_DOCUMENT = 5
PHONE_DIGITS = 10
"""An Argentine number with its area code."""
SHORTEST_PHONE = 8


def is_masked(value: str | None) -> bool:
    """Return whether VTEX hides a personal value behind asterisks, as in ``j***.d**@e******.c**``."""
    return value is not None and "*" in value


def shown(value: Scalar) -> str | None:
    """Return a personal value as text without surrounding spaces; None if nothing is left, or VTEX masks it."""
    return None if is_masked(found := filled(value)) else found


def clean_document(document: str | None) -> str | None:
    """
    Return letters and digits only, upper case.

    None if VTEX masks it, and for placeholders: too short, or one character repeated.
    """
    if document is None or is_masked(document):
        return None
    cleaned = _NOT_ALPHANUMERIC.sub("", document).upper()
    return cleaned if len(cleaned) >= SHORTEST_DOCUMENT and len(set(cleaned)) > 1 else None


def clean_email(email: str | None) -> str | None:
    """
    Return the customer's own address, lower case; None if VTEX hides or masks it, or it is no address.

    VTEX gives each order an alias: ``user@mail.com-123456789012b.ct.vtex.com.br`` carries the address,
    ``{32 hex}@ct.vtex.com.br`` does not.
    """
    if email is None or is_masked(email):
        return None
    email = email.strip().lower()
    if _VTEX in email:
        if alias := _ALIAS.fullmatch(email):
            email = alias["address"]
        if _OPAQUE.fullmatch(email):
            return None
    return email if _ADDRESS.fullmatch(email) else None


def clean_phone(phone: str | None) -> str | None:
    """
    Return the last ten digits, without the country's and trunk prefixes that people write or leave out.

    None if VTEX masks it, and for what is no telephone: too few digits, or one digit repeated.
    """
    if phone is None or is_masked(phone):
        return None
    digits = _NOT_A_DIGIT.sub("", phone)[-PHONE_DIGITS:]
    return digits if len(digits) >= SHORTEST_PHONE and len(set(digits)) > 1 else None


def identifier_key(tenant_id: int, kind: str, value: str | None) -> UUID | None:
    """
    Return the key under which an identifier of a shop's buyer stands in every table, as ``cdp.identifier_key`` does.

    :param kind: ``document``, ``company``, ``email``, ``profile`` or ``phone``.
    :param value: cleaned; None has no key.
    """
    if value is None:
        return None
    return UUID(bytes=hashlib.sha256(f"{tenant_id}:{kind}:{value}".encode()).digest()[:16])
