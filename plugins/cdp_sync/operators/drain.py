"""Drain of VTEX's feed into the inbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from cdp_sync.hooks.vtex import VtexHook
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.inbox.drain import COMMITS_AT_ONCE, Drain, commit_merged
from cdp_sync.inbox.feed_ownership import FeedOwner, FeedUnavailable, ensure_hook
from cdp_sync.operators.skipping import skip
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.settings import hook_url
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexError
from cdp_sync.vtex.feed import HOOK_HEADER, HookConfiguration, OrderFeed, OrderHook
from cdp_sync.windows import PlannedWindow


class DrainFeedOperator(WindowTaskOperator):
    """
    Receive the changes VTEX's feed reports into ``cdp.order_notifications``; skip the rest if nothing waits there.

    Keeps feed and hook configured. A tenant whose feed cannot be used falls back to the order list; its state is in
    ``cdp.order_feeds``. If the feed fails, the hook's changes are still merged, and the window's last task fails with
    the feed's failure.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        if self.planned.skip_because:
            skip(context, self.planned.skip_because)
        failure: VtexError | None = None
        reason: str | None = None
        counts: dict[str, int] = {}
        with warehouse(self.warehouse_conn_id, autocommit=True) as db:
            try:
                counts = asyncio.run(self._drain(db))
            except FeedUnavailable as unavailable:
                reason = str(unavailable)
                self._note(db, unavailable.state, reason)
            except VtexError as failed:
                failure = failed
                self._note(db, "failed", str(failed))
            (waiting,) = db.rows("inbox/waiting", tenant_id=self.tenant_id)
        self.log.info("%s: %s, waiting: %s", self.tenant, counts, waiting)
        if not waiting["notifications"]:
            if failure is not None:
                raise failure
            skip(context, reason or f"{self.tenant}: nothing changed")
        return replace(self.planned, counts={**counts, **waiting}, feed_failure=str(failure or ""))

    def _note(self, db: Warehouse, state: str, reason: str) -> None:
        db.run("inbox/note_state", tenant_id=self.tenant_id, state=state, reason=reason)
        self.log.warning("%s", reason)

    async def _drain(self, db: Warehouse) -> dict[str, int]:
        async with self.vtex(concurrency=COMMITS_AT_ONCE) as (hook, client):
            return await self._receive(hook, client, db)

    async def _receive(self, hook: VtexHook, client: VtexClient, db: Warehouse) -> dict[str, int]:
        feed = OrderFeed(client)
        owner = FeedOwner(
            feed,
            db,
            tenant=self.tenant,
            tenant_id=self.tenant_id,
            app_key=hook.app_key,
            take_over=self.planned.take_over,
        )
        configuration, began = await owner.ready()
        await self._keep_hook(hook, client, db)
        drain = Drain(feed, db, tenant_id=self.tenant_id)
        await drain.run()
        db.run(
            "inbox/note_drained",
            tenant_id=self.tenant_id,
            drained_at=began if drain.reached_end else None,
            quantity=configuration.quantity,
            oldest_seconds=configuration.oldest_seconds,
        )
        if drain.unreadable:
            self.log.warning("%s: %d items of the feed do not say which order changed", self.tenant, drain.unreadable)
        # Items of an earlier run that merged them but stopped before committing them.
        committed = await commit_merged(feed, db, tenant_id=self.tenant_id)
        return {"received": drain.received, "new": drain.new, "committed": committed, "requests": client.requests}

    async def _keep_hook(self, hook: VtexHook, client: VtexClient, db: Warehouse) -> None:
        url = hook_url(self.tenant)
        state, reason = "off", None
        if url and hook.hook_secret:
            wanted = HookConfiguration(url, {HOOK_HEADER: hook.hook_secret})
            state, reason = await ensure_hook(OrderHook(client), wanted)
        if reason:
            self.log.warning("%s: hook %s: %s", self.tenant, state, reason)
        db.run("inbox/note_hook", tenant_id=self.tenant_id, hook_state=state, hook_reason=reason)
