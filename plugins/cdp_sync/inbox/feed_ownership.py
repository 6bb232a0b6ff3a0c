"""Ownership and setup of a tenant's feed and hook, never over somebody else's."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import datetime
from typing import Any

from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.errors import VtexError, VtexForbidden, VtexRefused
from cdp_sync.vtex.feed import OURS, FeedConfiguration, HookConfiguration, OrderFeed, OrderHook


class FeedUnavailable(Exception):
    """
    Tenant whose feed cannot be used; it falls back to the order list. The text says why, and what to do.

    :ivar state: as in ``cdp.order_feeds``.
    """

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason)
        self.state = state


class FeedOwner:
    """
    Check that a feed is ours, or configure it.

    A feed is ours if its configuration and app key are those we noted. The note is written before the request, so that
    the feed of an attempt that dies in between is still recognised.

    :param take_over: configure it even if somebody else did.
    """

    def __init__(
        self, feed: OrderFeed, notes: SqlRunner, *, tenant: str, tenant_id: int, app_key: str, take_over: bool = False
    ) -> None:
        self._feed, self._notes = feed, notes
        self._tenant, self._tenant_id = tenant, tenant_id
        self._key_hash = hashlib.sha256(app_key.encode()).hexdigest()[:16]
        self._take_over = take_over

    async def ready(self) -> tuple[FeedConfiguration, datetime]:
        """
        Return the configuration of our feed, and VTEX's time; configure the feed if there is none.

        :raises FeedUnavailable: if the key lacks the role, or the feed is somebody else's.
        """
        try:
            found = await self._feed.configuration()
            note = (await self._rows("inbox/one") or [{}])[0]
            if found is None or (self._take_over and not self._is_ours(found[0], note)):
                return await self._configure()
        except VtexForbidden as forbidden:
            reason = f"{forbidden}, until then the shop falls back to the order list"
            raise FeedUnavailable("forbidden", reason) from None
        configuration, now = found
        if not self._is_ours(configuration, note):
            raise FeedUnavailable(
                "foreign",
                f"{self._tenant}: a feed is configured with this app key, and not by us. All users of a key share one "
                "queue, so nothing was read: give this deployment an app key of its own, or trigger the run with the "
                "shop in take_over",
            )
        if note["configured_at"] is None:
            await self._note_configured(configuration, now)
        await self._run("inbox/note_expired", now=now, retention=configuration.retention)
        return found

    def _is_ours(self, found: FeedConfiguration, note: dict[str, Any]) -> bool:
        return note.get("key_hash") == self._key_hash and note.get("configuration") == found.identity()

    async def _configure(self) -> tuple[FeedConfiguration, datetime]:
        wanted = json.dumps(OURS.identity())
        await self._run("inbox/note_configuring", key_hash=self._key_hash, configuration=wanted)
        now = await self._feed.configure()
        found = await self._feed.configuration()
        configuration = found[0] if found else OURS
        await self._note_configured(configuration, now)
        return configuration, now

    async def _note_configured(self, configuration: FeedConfiguration, at: datetime) -> None:
        await self._run("inbox/note_configured", configuration=json.dumps(configuration.identity()), configured_at=at)

    async def _run(self, name: str, **parameters: Any) -> None:
        await asyncio.to_thread(self._notes.run, name, tenant_id=self._tenant_id, **parameters)

    async def _rows(self, name: str) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self._notes.rows, name, tenant_id=self._tenant_id)


async def ensure_hook(hook: OrderHook, wanted: HookConfiguration) -> tuple[str, str | None]:
    """
    Make the hook post to our address, unless it posts to somebody else's.

    :return: state and reason as in ``cdp.order_feeds``.
    """
    try:
        found = await hook.configuration()
        if found == wanted:
            return "active", None
        if found and found.url != wanted.url:
            return "foreign", "this app key's hook points elsewhere, and was left alone; use an app key of its own"
        await hook.configure(wanted)
    except VtexRefused as refused:
        return "failed", f"{refused}: the address did not answer VTEX's ping with 200, or is not https"
    except VtexError as failure:
        return "failed", str(failure)  # the feed reports it too
    return "active", None
