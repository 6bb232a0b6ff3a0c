"""Columns of an order's buyer, each with its source in the document: personal data."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdp_sync.rows.identity import clean_document, clean_email, clean_phone, identifier_key, is_masked, shown
from cdp_sync.rows.values import filled, text
from cdp_sync.vtex.order_document import Profile

NO_PROFILE = Profile()


class Buyer(NamedTuple):
    """
    Buyer of an order, with cleaned identifiers.

    :param masked: whether VTEX masks what would identify the buyer. Such a document says nothing about who it is.
    """

    tenant_id: int
    profile: Profile
    masked: bool
    document: str | None
    company: str | None
    email: str | None
    user_profile_id: str | None
    phone: str | None


def buyer(profile: Profile, tenant_id: int) -> Buyer:
    """Return the buyer that a profile shows."""
    person = clean_document(filled(profile.document))
    company = clean_document(filled(profile.corporateDocument))
    email = clean_email(filled(profile.email))
    identifying = (profile.document, profile.corporateDocument, profile.email)
    if not (person or company or email) and any(is_masked(text(value)) for value in identifying):
        return Buyer(tenant_id, profile, True, None, None, None, None, None)
    phone = clean_phone(text(profile.phone))
    return Buyer(tenant_id, profile, False, person, company, email, filled(profile.userProfileId), phone)


BUYER: dict[str, Callable[[Buyer], object]] = {
    "document": lambda of: of.document,
    "document_type": lambda of: filled(of.profile.documentType),
    "email": lambda of: of.email,
    "user_profile_id": lambda of: of.user_profile_id,
    "first_name": lambda of: shown(of.profile.firstName),
    "last_name": lambda of: shown(of.profile.lastName),
    "phone": lambda of: shown(of.profile.phone),
    "is_corporate": lambda of: of.profile.isCorporate,
    "corporate_name": lambda of: shown(of.profile.corporateName),
    "corporate_document": lambda of: of.company,
    "document_key": lambda of: identifier_key(of.tenant_id, "document", of.document),
    "company_key": lambda of: identifier_key(of.tenant_id, "company", of.company),
    "email_key": lambda of: identifier_key(of.tenant_id, "email", of.email),
    "profile_key": lambda of: identifier_key(of.tenant_id, "profile", of.user_profile_id),
    "phone_key": lambda of: identifier_key(of.tenant_id, "phone", of.phone),
}
"""Columns of ``cdp.order_buyers``."""
