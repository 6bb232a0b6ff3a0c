"""Who may post to the hook endpoint: the tenants, and the secret of each."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from cdp_sync.hooks.warehouse import WarehouseRefused, WarehouseUnavailable, warehouse
from cdp_sync.tenants import vtex_conn_id

log = logging.getLogger(__name__)
KEPT_SECONDS = 30.0
"""How long a change of a tenant or a secret may go unseen."""


def digest(secret: str) -> bytes:
    """All digests are of one length, so that comparing them tells nothing of the secret's."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


class Sender(NamedTuple):
    """A tenant that may post. ``secret`` is a digest."""

    tenant_id: int
    account: str
    secret: bytes


def read_senders() -> dict[str, Sender]:
    """
    By slug: tenants with ``feed_enabled`` whose connection ``vtex_<slug>`` holds ``hook_secret`` in its extra.

    :raises WarehouseUnavailable, WarehouseRefused: if the tenants cannot be read.
    """
    with warehouse() as db:
        rows = db.rows("feed/tenants")
    found = {}
    for row in rows:
        try:
            secret = BaseHook.get_connection(vtex_conn_id(row["slug"])).extra_dejson.get("hook_secret")
        except AirflowNotFoundException:
            continue
        if secret:
            found[row["slug"]] = Sender(row["tenant_id"], row["vtex_account"].lower(), digest(secret))
    return found


class SendersUnknown(Exception):
    """The tenants could not be read yet."""


class Senders:
    """
    The senders, read every ``KEPT_SECONDS``; nobody waits for a reading but the first.

    :param read: where they come from.
    :param clock: seconds.
    """

    def __init__(
        self, read: Callable[[], Mapping[str, Sender]] = read_senders, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._known: Mapping[str, Sender] | None = None
        self._due = 0.0
        self._reading: asyncio.Task[None] | None = None
        self._nobody = Sender(0, "", digest("nobody's"))

    async def authenticate(self, slug: str, secret: str) -> Sender | None:
        """
        The sender, if it is one and this is its secret; as long in coming whichever of the two is wrong.

        :raises SendersUnknown: if they could never be read.
        """
        if self._reading is None and (self._known is None or self._clock() >= self._due):
            self._reading = asyncio.create_task(self._refresh())
        if self._known is None and self._reading is not None:
            await asyncio.shield(self._reading)
        if self._known is None:
            raise SendersUnknown
        sender = self._known.get(slug, self._nobody)
        right = hmac.compare_digest(digest(secret), sender.secret)
        return sender if right and sender is not self._nobody else None

    async def _refresh(self) -> None:
        try:
            self._known = await asyncio.to_thread(self._read)
        except (WarehouseUnavailable, WarehouseRefused) as failure:
            log.warning("the tenants cannot be read: %s", failure)
        finally:
            # Not at once again where it failed, either: a flood would ask as often as it comes.
            self._due = self._clock() + (KEPT_SECONDS if self._known is not None else 0.0)
            self._reading = None
