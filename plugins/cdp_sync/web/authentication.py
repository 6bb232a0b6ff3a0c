"""Authentication at the hook endpoint: the active tenants, and the secret of each."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from cdp_sync.hooks.connections import confirm_missing
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.tenants import vtex_conn_id

log = logging.getLogger(__name__)
FRESH_SECONDS = 20.0
"""Age from which senders are read again, while requests still use the known ones."""
KEPT_SECONDS = 30.0
"""Age from which requests wait for the reading, so that a changed secret is not accepted for longer."""
WAIT_SECONDS = 1.0
"""Seconds they wait; then the known senders are used: a warehouse that does not answer stores nothing anyway."""
RETRY_SECONDS = 1.0
"""Seconds between readings that fail, in whole or for a tenant, however many requests arrive."""


class Sender(NamedTuple):
    """
    Tenant that may post. ``account`` is in lower case; ``secret`` is a digest, None if the tenant has none.

    ``unread`` if its connection could not be read, so that nobody knows its secret.
    """

    slug: str
    tenant_id: int
    account: str
    secret: bytes | None
    unread: bool = False


class SendersUnknown(Exception):
    """The tenants, or this tenant's secret, could not be read yet."""


def digest(secret: bytes) -> bytes:
    """Return a digest of fixed length, so that comparing two does not reveal the secret's length."""
    return hashlib.sha256(secret).digest()


NOBODY = Sender("nobody", 0, "", None)
NO_SECRET = digest(b"")


def read_senders() -> dict[str, Sender]:
    """
    Return the active tenants by slug, with ``hook_secret`` from the extra of their connection ``vtex_<slug>``.

    Includes tenants whose feed or sync is paused: their inbox is processed once they resume.

    :raises WarehouseUnavailable, WarehouseRefused: if the tenants cannot be read.
    """
    with warehouse() as db:
        rows = db.rows("tenants/all")
    return {row["slug"]: _sender(row["slug"], row["tenant_id"], row["vtex_account"].lower()) for row in rows}


def _sender(slug: str, tenant_id: int, account: str) -> Sender:
    try:
        return Sender(slug, tenant_id, account, _secret(vtex_conn_id(slug)))
    except Exception as failure:  # one tenant's connection must not shut the others out
        log.debug("%s: %s: %s", slug, type(failure).__name__, failure)
        return Sender(slug, tenant_id, account, None, unread=True)


def _secret(conn_id: str) -> bytes | None:
    try:
        secret = BaseHook.get_connection(conn_id).extra_dejson.get("hook_secret")
    except AirflowNotFoundException:
        confirm_missing(conn_id)
        return None
    return digest(str(secret).encode()) if secret else None


class Senders:
    """
    Senders as of at most ``KEPT_SECONDS`` ago, or of the last reading that succeeded.

    :param read: reads them; called in a thread.
    :param clock: returns seconds.
    """

    def __init__(
        self, read: Callable[[], Mapping[str, Sender]] = read_senders, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._known: Mapping[str, Sender] | None = None
        self._fresh_seconds = FRESH_SECONDS
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def authenticate(self, slug: str, shown: str) -> Sender | None:
        """
        Return the sender if ``shown`` is its secret. Takes constant time, whether slug or secret is wrong.

        :param shown: header as received; HTTP encodes it in Latin-1.
        :raises SendersUnknown: if they, or this sender's secret, could never be read.
        """
        await self._refresh()
        if self._known is None:
            raise SendersUnknown
        sender = self._known.get(slug, NOBODY)
        if sender.unread:
            raise SendersUnknown
        right = hmac.compare_digest(digest(shown.encode("latin-1")), sender.secret or NO_SECRET)
        return sender if right and sender.secret is not None else None

    def name(self, slug: str) -> str:
        """Return the slug if it is one of ours, for the log."""
        return slug if slug in (self._known or {}) else "unknown tenant"

    async def _refresh(self) -> None:
        age, since_tried = (self._clock() - moment for moment in (self._read_at, self._tried_at))
        if self._reading is None and age >= self._fresh_seconds and since_tried >= RETRY_SECONDS:
            self._tried_at = self._clock()
            self._reading = asyncio.create_task(self._read_again())
        if self._reading is not None and age >= KEPT_SECONDS:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._reading), WAIT_SECONDS)

    async def _read_again(self) -> None:
        try:
            began = self._clock()
            self._keep((await asyncio.to_thread(self._read)).values())
            self._read_at = began
        except Exception as failure:
            # Any error: the next request tries again. Logs its kind only: a driver's message may quote a DSN.
            log.warning("The tenants cannot be read: %s", type(failure).__name__)
        finally:
            self._reading = None

    def _keep(self, senders: Iterable[Sender]) -> None:
        """Take over what was read; keep the secrets that could not be read, and read again soon."""
        unread = [sender.slug for sender in senders if sender.unread]
        if unread:
            log.warning("The connections of these tenants cannot be read: %s", ", ".join(unread))
        known = self._known or {}
        self._known = {
            sender.slug: known[sender.slug]._replace(account=sender.account)
            if sender.unread and sender.slug in known
            else sender
            for sender in senders
        }
        self._fresh_seconds = RETRY_SECONDS if unread else FRESH_SECONDS
