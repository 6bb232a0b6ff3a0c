"""From VTEX to landing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import ObjectStoragePath

from cdp_sync.errors import CountMismatch
from cdp_sync.fetching import Fetch, FetchPlan
from cdp_sync.hooks.vtex import VtexHook
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.landing import LandingWriter, folder_name
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.windows import Window, within_vtex_memory

IN_FLIGHT = 32
"""Details under way at once; the pace decides how many are needed of it."""
TAKE_OVER = timedelta(hours=2)
"""How old what an interrupted attempt landed may be to be used by the next."""
PAGE_SIZE = {"incremental": 50, "feed": 50, "full": 100, "historical": 100}


class VtexFetchOrdersOperator(WindowTaskOperator):
    """
    List a window, decide which orders need their document, land those.

    XCom: the manifest's URI and the counts. Listed = skipped + fetched + failed is proven.

    :param window_start: first instant, ISO 8601. (templated)
    :param window_end: first instant after the window, ISO 8601. (templated)
    :param listed_from: list creation dates from here on, to see updates of older orders; empty for the window
        only. (templated)
    :param asked_at: the run's moment; empty for the window's end. (templated)
    :param date_fields: VTEX's date filters to list the window by.
    :param force_refetch: read every order of the window again, changed or not. (templated)
    :param landing_url: root of landing, any URL of Airflow's object storage. (templated)
    :param requests_per_second: a rate of one's own instead of the sync type's share of the account's limit.
    """

    template_fields: Sequence[str] = (
        "window_start", "window_end", "listed_from", "asked_at", "force_refetch", "landing_url",
    )  # fmt: skip

    def __init__(
        self,
        *,
        window_start: str,
        window_end: str,
        landing_url: str,
        vtex_conn_id: str,
        listed_from: str = "",
        asked_at: str = "",
        date_fields: Sequence[str] = ("creationDate", "authorizedDate", "invoicedDate"),
        force_refetch: str | bool = False,
        requests_per_second: float | None = None,
        in_flight: int = IN_FLIGHT,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.window_start = window_start
        self.window_end = window_end
        self.landing_url = landing_url
        self.vtex_conn_id = vtex_conn_id
        self.listed_from = listed_from
        self.asked_at = asked_at
        self.date_fields = date_fields
        self.force_refetch = force_refetch
        self.requests_per_second = requests_per_second
        self.in_flight = in_flight

    def run_window(self, context: Any, batch: str) -> dict[str, Any]:
        started = time.monotonic()
        window = within_vtex_memory(Window.parse(self.window_start, self.window_end), datetime.now(UTC))
        folder = ObjectStoragePath(self.landing_url) / self.tenant / self.sync_type / folder_name(batch)
        key = {"tenant_id": self.tenant_id, "batch_id": batch, "sync_type": self.sync_type}
        bounds = {"window_start": window.start, "window_end": window.end}
        with warehouse(self.warehouse_conn_id) as db:
            db.run("planning/begin_run", **key, **bounds)
            db.run("planning/begin_checkpoint", **key, **bounds, landing_uri=str(folder))
        landing = LandingWriter(folder, fresh_since=datetime.now(UTC) - TAKE_OVER)
        try:
            fetch = asyncio.run(self._fetch(self._plan(window), landing))
            counts = fetch.counts()
            if counts["listed"] != counts["skipped"] + counts["fetched"] + counts["failed"]:
                raise CountMismatch(f"{self.tenant} {window}: listed is not skipped + fetched + failed: {counts}")
            manifest = landing.close(
                fetch.failed,
                tenant=self.tenant,
                batch_id=batch,
                sync_type=self.sync_type,
                seconds=round(time.monotonic() - started, 3),
                **bounds,
                **counts,
            )
        except BaseException:
            landing.abandon()
            raise
        self.log.info("%s %s: %s", self.tenant, window, counts)
        return {"manifest": str(manifest), **counts}

    def _plan(self, window: Window) -> FetchPlan:
        return FetchPlan(
            tenant_id=self.tenant_id,
            window=window,
            listed_from=datetime.fromisoformat(self.listed_from) if self.listed_from else window.start,
            as_of=datetime.fromisoformat(self.asked_at) if self.asked_at else window.end,
            date_fields=tuple(self.date_fields),
            page_size=PAGE_SIZE[self.sync_type],
            force=str(self.force_refetch).lower() == "true",
            recheck=self.sync_type == "incremental",
            in_flight=self.in_flight,
        )

    async def _fetch(self, plan: FetchPlan, landing: LandingWriter) -> Fetch:
        hook = VtexHook(self.vtex_conn_id, tenant=self.tenant)
        async with hook.client(
            sync_type=self.sync_type,
            concurrency=self.in_flight + 4,
            requests_per_second=self.requests_per_second,
        ) as client:
            with warehouse(self.warehouse_conn_id, autocommit=True) as db:
                fetch = Fetch(plan, client, landing, db)
                await fetch.run()
        return fetch
