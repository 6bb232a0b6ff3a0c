"""Errors of VTEX requests. Texts carry tenant, status and path; never a header, a key or a body."""

from __future__ import annotations


class VtexError(Exception):
    """
    Request that VTEX did not answer as expected.

    :param tenant: slug of the shop.
    :param path: path of the request, without its query; empty if none was sent.
    :param status: HTTP status; None if there was no answer.
    :param remedy: what to do; the text ends with it.
    """

    permanent = False
    """True if a retry cannot help until somebody changes something."""

    def __init__(self, what: str, *, tenant: str, path: str = "", status: int | None = None, remedy: str = "") -> None:
        answer = f" ({f'HTTP {status}' if status else 'no answer'} on {path})" if path else ""
        super().__init__(f"{tenant}: {what}{answer}" + (f"; {remedy}" if remedy else ""))
        self.tenant, self.path, self.status = tenant, path, status


class VtexNotConfigured(VtexError):
    """The tenant has no connection, its connection has no key, or a pace is out of bounds."""

    permanent = True


class VtexUnauthorized(VtexError):
    """401: the app key or token is wrong, or belongs to another account."""

    permanent = True


class VtexForbidden(VtexError):
    """403: the app key lacks a role."""

    permanent = True


class VtexNotFound(VtexError):
    """404: no such order, or no such account."""


class VtexRefused(VtexError):
    """Any other answer that a retry cannot change: 400, a redirect."""

    permanent = True


class VtexUnreadable(VtexError):
    """
    Answer that is not JSON, is cut off, or is larger than any order.

    :ivar body: the answer as served; None if it was too large to keep. Never part of the text.
    """

    def __init__(
        self, what: str, *, tenant: str, path: str, status: int | None = None, body: bytes | None = None
    ) -> None:
        super().__init__(what, tenant=tenant, path=path, status=status)
        self.body = body


class VtexUnavailable(VtexError):
    """5xx, 429, resets or timeouts that persisted through every retry; or Airflow could not read the connection."""


class VtexListingIncomplete(VtexError):
    """The list never showed as many orders as it counts, or repeats one page."""
