"""From VTEX to landing."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowSkipException

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch.landing import LandingWriter, folder_name
from cdp_sync.fetch.listed import FetchPlan, ListedOrders
from cdp_sync.fetch.reader import Fetch
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.vtex.client import VtexClient
from cdp_sync.windows import Window, within_vtex_memory

IN_FLIGHT = 32
"""Details under way at once; the pace decides how many are needed of it."""
PAGE_SIZE = {"incremental": 50, "full": 100, "historical": 100}
DATE_FIELDS = {
    # What was paid or invoiced in the window may have been created long before it.
    "incremental": ("creationDate", "authorizedDate", "invoicedDate"),
    "historical": ("creationDate",),
    "full": ("creationDate",),
}


class FetchOperator(WindowTaskOperator):
    """
    Find the orders that are due, read their documents, land them.

    XCom: the manifest's URI and the counts. Listed = skipped + fetched + failed is proven.

    :param landing_url: root of landing, any URL of Airflow's object storage. (templated)
    :param windows_at_once: how many such tasks of a tenant may run at the same time; they share its rate.
    """

    template_fields: Sequence[str] = (*WindowTaskOperator.template_fields, "landing_url")

    def __init__(
        self, *, landing_url: str, windows_at_once: int = 1, in_flight: int = IN_FLIGHT, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.landing_url = landing_url
        self.windows_at_once = windows_at_once
        self.in_flight = in_flight

    def run_window(self, context: Any, batch: str) -> dict[str, Any]:
        started = time.monotonic()
        self._skip_what_is_not_to_be(batch)
        window = self.bounds()
        landing = self.begin(batch, window)
        try:
            fetch = asyncio.run(self._fetch(batch, window, landing))
            counts = fetch.counts()
            if counts["listed"] != counts["skipped"] + counts["fetched"] + counts["failed"]:
                raise CountMismatch(f"{self.tenant} {window}: listed is not skipped + fetched + failed: {counts}")
            manifest = landing.close(
                fetch.failed,
                tenant=self.tenant,
                batch_id=batch,
                sync_type=self.sync_type,
                window_start=window.start,
                window_end=window.end,
                seconds=round(time.monotonic() - started, 3),
                **counts,
            )
        except BaseException:
            landing.abandon()
            raise
        self.log.info("%s %s: %s", self.tenant, window, counts)
        return {"manifest": str(manifest), **counts}

    def bounds(self) -> Window:
        """The window that is looked at."""
        return self.planned.window

    @abstractmethod
    def begin(self, batch: str, window: Window) -> LandingWriter:
        """Write down that the run began; say where its documents land."""

    @abstractmethod
    def fetching(self, batch: str, window: Window, client: VtexClient, landing: LandingWriter, db: Warehouse) -> Fetch:
        """The fetch to run."""

    def folder(self, name: str) -> ObjectStoragePath:
        """Where a batch of this name lands."""
        return ObjectStoragePath(self.landing_url) / self.tenant / self.sync_type / folder_name(name)

    async def _fetch(self, batch: str, window: Window, landing: LandingWriter) -> Fetch:
        async with self.vtex(concurrency=self.in_flight + 4) as (_, client):
            with warehouse(self.warehouse_conn_id, autocommit=True) as db:
                fetch = self.fetching(batch, window, client, landing, db)
                await fetch.run()
        return fetch

    def _skip_what_is_not_to_be(self, batch: str) -> None:
        reason = self.planned.skip_because
        if (
            not reason
            and self.planned.not_after
            and datetime.now(UTC) >= datetime.fromisoformat(self.planned.not_after)
        ):
            reason = f"{self.tenant}: off-peak time is over; the window stays a gap, and its turn comes again"
        if reason:
            with warehouse(self.warehouse_conn_id) as db:
                key = {"tenant_id": self.tenant_id, "batch_id": batch, "sync_type": self.sync_type}
                db.run("runs/skip_run", **key, reason=reason)
            raise AirflowSkipException(reason)


class VtexFetchOrdersOperator(FetchOperator):
    """
    Fetch a window: list it, decide which orders need their document, land those.

    A window begun by an earlier run goes on with the documents that run landed. Parameters and XCom: see
    :class:`FetchOperator`.
    """

    def bounds(self) -> Window:
        return within_vtex_memory(self.planned.window, datetime.now(UTC))

    def begin(self, batch: str, window: Window) -> LandingWriter:
        folder = self.folder(f"{batch}/{window.start:%Y%m%dT%H%M%S}-{window.end:%Y%m%dT%H%M%S}")
        key = {"tenant_id": self.tenant_id, "batch_id": batch, "sync_type": self.sync_type}
        bounds = {"window_start": window.start, "window_end": window.end}
        force = self.planned.force_refetch
        with warehouse(self.warehouse_conn_id) as db:
            db.run("runs/begin_run", **key, **bounds)
            (begun,) = db.rows("runs/begin_checkpoint", **key, **bounds, landing_uri=str(folder), force=force)
            if self.sync_type == "full":
                db.run("listing/forget_listings", tenant_id=self.tenant_id)
        return LandingWriter(ObjectStoragePath(begun["landing_uri"]), begin_anew=begun["completed"])

    def fetching(self, batch: str, window: Window, client: VtexClient, landing: LandingWriter, db: Warehouse) -> Fetch:
        return ListedOrders(self._plan(batch, window), client, landing, db)

    def _plan(self, batch: str, window: Window) -> FetchPlan:
        planned = self.planned
        return FetchPlan(
            tenant_id=self.tenant_id,
            batch_id=batch,
            window=window,
            listed_from=datetime.fromisoformat(planned.listed_from) if planned.listed_from else window.start,
            changed_from=datetime.fromisoformat(planned.changed_from) if planned.changed_from else window.start,
            as_of=datetime.fromisoformat(planned.asked_at),
            date_fields=DATE_FIELDS[self.sync_type],
            page_size=PAGE_SIZE[self.sync_type],
            force=planned.force_refetch,
            recheck=self.sync_type == "incremental",
            carts=self.sync_type in ("historical", "full"),
            compare=self.sync_type == "full",
            sample_percent=planned.sample_percent,
            in_flight=self.in_flight,
            shares_rate=self.windows_at_once > 1,
        )
