"""Who may post to the hook endpoint: the active tenants, and the secret of each."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.tenants import vtex_conn_id

log = logging.getLogger(__name__)
FRESH_SECONDS = 20.0
"""After this they are read again, while requests go on with what is known."""
KEPT_SECONDS = 30.0
"""After this requests wait for the reading: a secret that was changed opens nothing for longer."""
WAIT_SECONDS = 1.0
"""How long; then what is known has to do, since a warehouse that does not answer takes nothing anyway."""
RETRY_SECONDS = 1.0
"""Between readings that fail, however many requests come."""


class Sender(NamedTuple):
    """A tenant that may post. ``account`` is in lower case, ``secret`` a digest; None where the tenant has none."""

    slug: str
    tenant_id: int
    account: str
    secret: bytes | None


class SendersUnknown(Exception):
    """The tenants could not be read yet."""


def digest(secret: bytes) -> bytes:
    """All digests are of one length, so that comparing them tells nothing of the secret's."""
    return hashlib.sha256(secret).digest()


NOBODY = Sender("nobody", 0, "", None)
NO_SECRET = digest(b"")


def read_senders() -> dict[str, Sender]:
    """
    The active tenants by slug, with ``hook_secret`` of the extra of their connection ``vtex_<slug>``.

    A tenant whose feed or sync is paused is one of them: its inbox is drained when it goes on.

    :raises WarehouseUnavailable, WarehouseRefused: if the tenants cannot be read.
    """
    with warehouse() as db:
        rows = db.rows("tenants/all")
    return {
        row["slug"]: Sender(row["slug"], row["tenant_id"], row["vtex_account"].lower(), _secret(row["slug"]))
        for row in rows
    }


def _secret(slug: str) -> bytes | None:
    try:
        secret = BaseHook.get_connection(vtex_conn_id(slug)).extra_dejson.get("hook_secret")
    except AirflowNotFoundException:
        return None
    except Exception as error:  # one tenant's connection must not shut the others out
        log.warning("%s: connection %s cannot be read (%s)", slug, vtex_conn_id(slug), type(error).__name__)
        return None
    return digest(str(secret).encode()) if secret else None


class Senders:
    """
    The senders as they were at most ``KEPT_SECONDS`` ago, or at the last reading that succeeded.

    :param read: where they come from; called in a thread.
    :param clock: seconds.
    """

    def __init__(
        self, read: Callable[[], Mapping[str, Sender]] = read_senders, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._known: Mapping[str, Sender] | None = None
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def authenticate(self, slug: str, shown: str) -> Sender | None:
        """
        The sender if ``shown`` is its secret; as long in coming whichever of slug and secret is wrong.

        :param shown: header as received, in Latin-1 as HTTP has it.
        :raises SendersUnknown: if they could never be read.
        """
        await self._refresh()
        if self._known is None:
            raise SendersUnknown
        sender = self._known.get(slug, NOBODY)
        right = hmac.compare_digest(digest(shown.encode("latin-1")), sender.secret or NO_SECRET)
        return sender if right and sender.secret is not None else None

    def name(self, slug: str) -> str:
        """The slug, if it is one of ours; for the log."""
        return slug if slug in (self._known or {}) else "unknown tenant"

    async def _refresh(self) -> None:
        age, since_tried = (self._clock() - moment for moment in (self._read_at, self._tried_at))
        if self._reading is None and age >= FRESH_SECONDS and since_tried >= RETRY_SECONDS:
            self._tried_at = self._clock()
            self._reading = asyncio.create_task(self._read_again())
        if self._reading is not None and age >= KEPT_SECONDS:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._reading), WAIT_SECONDS)

    async def _read_again(self) -> None:
        try:
            began = self._clock()
            self._known = await asyncio.to_thread(self._read)
            self._read_at = began
        except Exception as failure:
            # Whatever it is, the next request tries again. Only its kind: a driver's words may quote a DSN.
            log.warning("The tenants cannot be read: %s", type(failure).__name__)
        finally:
            self._reading = None
