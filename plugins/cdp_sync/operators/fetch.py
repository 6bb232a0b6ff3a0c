"""Fetch of a window's orders from VTEX to landing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any

from airflow.sdk import ObjectStoragePath

from cdp_sync import clock
from cdp_sync.errors import CountMismatch
from cdp_sync.fetch.landing import folder_name
from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.fetch.listed import ListedPlan, listed_orders
from cdp_sync.fetch.notified import notified_orders
from cdp_sync.fetch.reader import Found, Reader
from cdp_sync.fetch.shared_rate import shared_rate
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.operators.window_task import WindowTaskOperator, skip_run
from cdp_sync.vtex.client import VtexClient
from cdp_sync.windows import PlannedWindow, Window, within_vtex_memory

IN_FLIGHT = 32
"""Most documents under way at once; the pace usually needs fewer."""


class VtexFetchOrdersOperator(WindowTaskOperator):
    """
    Find the orders that are due, in the list or in the inbox; read their documents and land them.

    A window begun by an earlier run keeps the documents that run landed. Proves listed = skipped + fetched + failed.

    :param window: see :class:`WindowTaskOperator`; only ``tenant_id`` and ``tenant`` if ``plan`` is given. (templated)
    :param plan: plans the window when the task begins, if no earlier task did.
    :param landing_url: root of landing, any URL of Airflow's object storage. (templated)
    :param windows_at_once: most such tasks of a tenant that run at the same time; they share its rate.
    """

    template_fields: Sequence[str] = (*WindowTaskOperator.template_fields, "landing_url")

    def __init__(
        self,
        *,
        landing_url: str,
        plan: Callable[..., PlannedWindow] | None = None,
        windows_at_once: int = 1,
        in_flight: int = IN_FLIGHT,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.landing_url = landing_url
        self.plan = plan
        self.windows_at_once = windows_at_once
        self.in_flight = in_flight

    def take_over(self, context: Any) -> PlannedWindow:
        """Return the planned window, or plan it."""
        if self.plan is None:
            return super().take_over(context)
        with warehouse(self.warehouse_conn_id) as db:
            return self.plan(context, db, **self.window)

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        started = time.monotonic()
        self._skip_if_not_due(context)
        window = self.planned.window.from_whole_second()
        if self.sync_type.covers_time:
            window = within_vtex_memory(window, clock.now())
        landing = self._begin(batch, window)
        try:
            reader = asyncio.run(self._fetch(batch, window, landing))
            counts = reader.counts()
            if counts["listed"] != counts["skipped"] + counts["fetched"] + counts["failed"]:
                raise CountMismatch(f"{self.tenant} {window}: listed is not skipped + fetched + failed: {counts}")
            manifest = landing.close(
                reader.failed,
                tenant=self.tenant,
                batch_id=batch,
                sync_type=self.sync_type.name,
                read_from=self.read_from,
                window_start=window.start,
                window_end=window.end,
                seconds=round(time.monotonic() - started, 3),
                **counts,
            )
        except BaseException:
            landing.abandon()
            raise
        self.log.info("%s %s: %s", self.tenant, window, counts)
        return replace(self.planned, manifest=str(manifest), counts=counts)

    def _skip_if_not_due(self, context: Any) -> None:
        reason, ends = self.planned.skip_because, self.planned.not_after
        if not reason and ends and clock.now() >= datetime.fromisoformat(ends):
            reason = f"{self.tenant}: off-peak time is over; the window stays a gap, to be filled in a later run"
        if reason:
            skip_run(
                context, reason, tenant_id=self.tenant_id, sync_type=self.sync_type, conn_id=self.warehouse_conn_id
            )

    def _begin(self, batch: str, window: Window) -> LandingWriter:
        """Record that the run began; return the writer of its landing folder."""
        key = {"tenant_id": self.tenant_id, "batch_id": batch, "sync_type": self.sync_type.name}
        bounds = {"window_start": window.start, "window_end": window.end}
        with warehouse(self.warehouse_conn_id) as db:
            merged = db.row("runs/batch", tenant_id=self.tenant_id, batch_id=batch)
            db.run("runs/begin_run", **key, **bounds)
            if self.sync_type.compares:
                db.run("listing/forget_listings", tenant_id=self.tenant_id)
            if self.sync_type.covers_time:
                folder = self._folder(f"{batch}/{window.start:%Y%m%dT%H%M%S}-{window.end:%Y%m%dT%H%M%S}")
                force = self.planned.force_refetch
                (begun,) = db.rows("runs/begin_checkpoint", **key, **bounds, landing_uri=str(folder), force=force)
        if not self.sync_type.covers_time:
            begin_anew = merged is not None and merged["status"] == "completed"
            return LandingWriter(self._folder(batch), root=self._root, begin_anew=begin_anew)
        folder = ObjectStoragePath(begun["landing_uri"])
        return LandingWriter(folder, root=self._root, begin_anew=begun["completed"])

    @property
    def _root(self) -> ObjectStoragePath:
        return ObjectStoragePath(self.landing_url)

    def _folder(self, name: str) -> ObjectStoragePath:
        return self._root / self.tenant / self.sync_type.name / folder_name(name)

    async def _fetch(self, batch: str, window: Window, landing: LandingWriter) -> Reader:
        async with AsyncExitStack() as opened:
            _, client = await opened.enter_async_context(self.vtex(concurrency=self.in_flight + 4))
            db = opened.enter_context(warehouse(self.warehouse_conn_id, autocommit=True))
            if self.windows_at_once > 1:
                await opened.enter_async_context(shared_rate(db, self.tenant_id, client.pace))
            reader = Reader(client, landing, in_flight=self.in_flight)
            await reader.run(self._source(batch, window, client, landing, db))
            key = {"tenant_id": self.tenant_id, "batch_id": batch}
            if self.sync_type.compares:
                db.run("listing/forget_carts", **key, order_ids=reader.unkept)
            if self.sync_type.orders_from == "inbox":
                # They are due again next time: the merge of this batch must not mark them processed.
                db.run("inbox/let_go", **key, order_ids=reader.unanswered)
        return reader

    def _source(
        self, batch: str, window: Window, client: VtexClient, landing: LandingWriter, db: Warehouse
    ) -> AsyncIterator[Found]:
        if self.sync_type.orders_from == "inbox":
            rate = client.pace.full_rate
            return notified_orders(db, landing, tenant_id=self.tenant_id, batch_id=batch, requests_per_second=rate)
        planned = self.planned
        plan = ListedPlan(
            sync_type=self.sync_type,
            tenant_id=self.tenant_id,
            batch_id=batch,
            window=window,
            listed_from=datetime.fromisoformat(planned.listed_from) if planned.listed_from else window.start,
            changed_from=datetime.fromisoformat(planned.changed_from) if planned.changed_from else window.start,
            as_of=datetime.fromisoformat(planned.asked_at),
            reread_before=datetime.fromisoformat(planned.reread_before) if planned.reread_before else None,
            force=planned.force_refetch,
            sample_percent=planned.sample_percent,
            unmasks=client.orders.unmasks,
        )
        return listed_orders(plan, client, landing, db)
