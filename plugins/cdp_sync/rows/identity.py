"""Who bought: one identity out of what an order says of its customer."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple
from uuid import UUID

_ALIAS = re.compile(r"(?P<address>[^@\s]+@[^@\s]+)-[0-9]+[a-z]?\.ct\.vtex\.com(?:\.br)?")
_OPAQUE = re.compile(r".*@(?:[^@]+\.)?ct\.vtex\.com(?:\.br)?")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
SHORTEST_DOCUMENT = 5


class Identity(NamedTuple):
    """
    Who a customer is.

    :param customer_id: the same for the same tenant and person, whatever order is read first.
    :param identified_by: ``document``, ``email`` or ``profile``.
    """

    customer_id: UUID
    identified_by: str


def clean_document(document: str | None) -> str | None:
    """Letters and digits only, upper case; None for placeholders: too short, or one character repeated."""
    if document is None:
        return None
    cleaned = _NOT_ALPHANUMERIC.sub("", document).upper()
    return cleaned if len(cleaned) >= SHORTEST_DOCUMENT and len(set(cleaned)) > 1 else None


def clean_email(email: str | None) -> str | None:
    """
    The customer's own address, lower case; None where VTEX hides it.

    VTEX gives each order an alias: ``user@mail.com-123456789012b.ct.vtex.com.br`` carries the address,
    ``{32 hex}@ct.vtex.com.br`` does not.
    """
    if email is None:
        return None
    email = email.strip().lower()
    if alias := _ALIAS.fullmatch(email):
        email = alias["address"]
    if _OPAQUE.fullmatch(email) or not _ADDRESS.fullmatch(email):
        return None
    return email


def identify(tenant_id: int, *, document: str | None, email: str | None, profile: str | None) -> Identity | None:
    """
    The document identifies, else the e-mail, else VTEX's profile; None where there is none of them.

    :param document: cleaned by :func:`clean_document`.
    :param email: cleaned by :func:`clean_email`.
    """
    for kind, value in (("document", document), ("email", email), ("profile", profile)):
        if value:
            name = f"{tenant_id}:{kind}:{value}".encode()
            return Identity(UUID(bytes=hashlib.blake2b(name, digest_size=16).digest()), kind)
    return None
