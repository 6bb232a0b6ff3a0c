"""The tasks of ``cdp_order_feed``, apart from those every window has."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, timedelta
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cdp_sync.fetch.landing import LandingWriter
from cdp_sync.fetch.notified import NotifiedOrders
from cdp_sync.fetch.reader import Fetch
from cdp_sync.hooks.vtex import VtexHook
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.inbox.drain import COMMITS_AT_ONCE, Drain, commit_merged
from cdp_sync.inbox.feed_ownership import FeedOwner, FeedUnavailable, ensure_hook
from cdp_sync.operators.fetch import FetchOperator
from cdp_sync.operators.plan_tenant import chosen, reason_to_skip
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.settings import hook_url
from cdp_sync.tenants import read_rows
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexError
from cdp_sync.vtex.feed import HOOK_HEADER, HookConfiguration, OrderFeed, OrderHook
from cdp_sync.windows import PlannedWindow, Window

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=5)
LATE_SHARE = 0.5
"""Of the time VTEX keeps a change: half of it gone is a week in which nobody noticed."""


@task
def plan_feeds(*, params: Any = None, dag_run: Any = None) -> list[dict[str, Any]]:
    """Plan the drain of every tenant with ``feed_enabled``, or of those the form names: a ``PlannedWindow`` each."""
    asked_at = (dag_run.data_interval_end or dag_run.run_after).astimezone(UTC)
    with warehouse() as db:
        rows = {row["slug"]: row for row in db.rows("tenants/all") if row["feed_enabled"]}
    known = [tenant.slug for tenant in read_rows(rows.values(), at=asked_at)[0]]
    take_over = chosen(params["take_over"], known) if params["take_over"] else ()
    return [
        PlannedWindow(
            tenant_id=rows[slug]["tenant_id"],
            tenant=slug,
            window_start=(asked_at - EVERY).isoformat(),
            window_end=asked_at.isoformat(),
            asked_at=asked_at.isoformat(),
            take_over=slug in take_over,
            label=slug,
            skip_because=reason_to_skip(slug, rows[slug]) or "",
        ).as_xcom()
        for slug in chosen(params["tenants"], known)
    ]


@task(retries=0)
def check_feeds() -> None:
    """Fail where an operator sees it if VTEX is about to drop changes that nobody drained."""
    with warehouse() as db:
        late = db.rows("inbox/late", share=LATE_SHARE)
    if late:
        told = [f"{row['slug']} ({row['reason'] or row['state']})" for row in late]
        raise AirflowFailException(
            f"VTEX drops what stays in a feed for two weeks, and more than half of that is over: {', '.join(told)}; "
            "see that its drain and its merge succeed"
        )


class DrainFeedOperator(WindowTaskOperator):
    """
    Bring what VTEX tells into the inbox, ``cdp.order_notifications``; skip the rest of the run if nothing waits there.

    Keeps the feed and the hook configured. A tenant whose feed cannot be used lives from the list: where that stands
    is in ``cdp.order_feeds``, and the hook's notifications are taken all the same. XCom: counts.
    """

    def run_window(self, context: Any, batch: str) -> dict[str, Any]:
        if self.planned.skip_because:
            raise AirflowSkipException(self.planned.skip_because)
        with warehouse(self.warehouse_conn_id, autocommit=True) as db:
            counts, reason = asyncio.run(self._drain(db))
            (waiting,) = db.rows("inbox/waiting", tenant_id=self.tenant_id)
        self.log.info("%s: %s, waiting: %s", self.tenant, counts, waiting)
        if not waiting["notifications"]:
            raise AirflowSkipException(reason or f"{self.tenant}: nothing changed")
        return {**counts, **waiting}

    async def _drain(self, db: Warehouse) -> tuple[dict[str, int], str | None]:
        """Counts, and why the feed cannot be used, if it cannot."""
        async with self.vtex(concurrency=COMMITS_AT_ONCE) as (hook, client):
            try:
                return await self._receive(hook, client, db), None
            except FeedUnavailable as unavailable:
                db.run("inbox/note_state", tenant_id=self.tenant_id, state=unavailable.state, reason=str(unavailable))
                self.log.warning("%s", unavailable)
                return {}, str(unavailable)
            except VtexError as failure:
                db.run("inbox/note_state", tenant_id=self.tenant_id, state="failed", reason=str(failure))
                raise

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
        # Items of an earlier run that merged them and did not come to commit them.
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


class FetchNotifiedOperator(FetchOperator):
    """
    Read the document of each order in the inbox that was not read since it changed. Parameters and XCom: see
    :class:`FetchOperator`.
    """

    def begin(self, batch: str, window: Window) -> LandingWriter:
        key = {"tenant_id": self.tenant_id, "batch_id": batch}
        with warehouse(self.warehouse_conn_id) as db:
            earlier = db.row("runs/batch", **key)
            db.run(
                "runs/begin_run",
                **key,
                sync_type=self.sync_type,
                window_start=window.start,
                window_end=window.end,
            )
        merged = earlier is not None and earlier["status"] == "completed"
        return LandingWriter(self.folder(batch), begin_anew=merged)

    def fetching(self, batch: str, window: Window, client: VtexClient, landing: LandingWriter, db: Warehouse) -> Fetch:
        return NotifiedOrders(client, landing, db, tenant_id=self.tenant_id, batch_id=batch, in_flight=self.in_flight)


class CommitFeedOperator(WindowTaskOperator):
    """Tell VTEX that what was merged need not come again. XCom: how many items."""

    def run_window(self, context: Any, batch: str) -> dict[str, Any]:
        with warehouse(self.warehouse_conn_id, autocommit=True) as db:
            committed = asyncio.run(self._commit(db))
        self.log.info("%s: %d items committed", self.tenant, committed)
        return {"committed": committed}

    async def _commit(self, db: Warehouse) -> int:
        async with self.vtex(concurrency=COMMITS_AT_ONCE) as (_, client):
            return await commit_merged(OrderFeed(client), db, tenant_id=self.tenant_id)
