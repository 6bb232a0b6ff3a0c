"""Identity of a customer, from the fields of an order."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple
from uuid import UUID

from cdp_sync.rows.values import filled
from cdp_sync.vtex.fields import Scalar

_ALIAS = re.compile(r"(?P<address>[^@\s]+@[^@\s]+)-[0-9]+[a-z]?\.ct\.vtex\.com(?:\.br)?")
_VTEX = "ct.vtex.com"
_OPAQUE = re.compile(r".*@(?:[^@]+\.)?ct\.vtex\.com(?:\.br)?")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
SHORTEST_DOCUMENT = 5


def is_masked(value: str | None) -> bool:
    """Return whether VTEX hides a personal value behind asterisks, as in ``j***.d**@e******.c**``."""
    return value is not None and "*" in value


def shown(value: Scalar) -> str | None:
    """Return a personal value as text without surrounding spaces; None if nothing is left, or VTEX masks it."""
    return None if is_masked(found := filled(value)) else found


class Identity(NamedTuple):
    """
    Identity of a customer within a tenant.

    :param customer_id: derived from tenant and identifying value, so the order in which orders are read is irrelevant.
    :param identified_by: ``document``, ``email`` or ``profile``.
    """

    customer_id: UUID
    identified_by: str


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


def identify(tenant_id: int, *, document: str | None, email: str | None, profile: str | None) -> Identity | None:
    """
    Identify a customer by document, else e-mail, else VTEX's profile; None if all are missing.

    :param document: cleaned by :func:`clean_document`.
    :param email: cleaned by :func:`clean_email`.
    """
    for kind, value in (("document", document), ("email", email), ("profile", profile)):
        if value:
            name = f"{tenant_id}:{kind}:{value}".encode()
            return Identity(UUID(bytes=hashlib.blake2b(name, digest_size=16).digest()), kind)
    return None
