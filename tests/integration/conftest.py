"""One tenant with its own sandbox account and warehouse."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context

from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.commit import CommitFeedOperator
from cdp_sync.operators.compare import CompareIntegrityOperator
from cdp_sync.operators.drain import DrainFeedOperator
from cdp_sync.operators.fetch import VtexFetchOrdersOperator
from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.operators.plan_history import plan_history
from cdp_sync.operators.plan_incremental import plan_incremental
from cdp_sync.operators.plan_refresh import plan_refresh
from cdp_sync.operators.replay import ReplayOrdersOperator
from cdp_sync.operators.stage import StagingLoadOperator
from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.sync_types import SYNC_TYPES
from cdp_sync.vtex.pacing import FASTEST
from cdp_sync.windows import PlannedWindow
from tests.conftest import context
from tests.integration.hook_server import endpoint, now, patient, road, serve, tenants  # noqa: F401

FERREIRA = {"tenant_id": 20, "tenant": "ferreira"}


MONTH = ("2026-10-21T03:00:00Z", "2026-11-20T11:55:00Z")
NO_FORM = {"window_start": None, "window_end": None, "force_refetch": False}


class HandedOver(dict):
    """A task's XCom, with its counts among its keys."""

    def __init__(self, xcom):
        super().__init__(xcom | xcom["counts"])
        self.window = xcom


@dataclass
class Shop:
    """A tenant; runs the tasks of a window one after the other, as Airflow would."""

    db: Any
    sandbox: Any
    landing: Path
    names: dict[str, Any] = field(default_factory=lambda: FERREIRA)

    def planned(self, window, *, asked_at="", **options):
        """Return the window as a plan would hand it over, at the fastest rate."""
        options = {"requests_per_second": FASTEST, **options}
        return PlannedWindow(
            **self.names, window_start=window[0], window_end=window[1], asked_at=asked_at or window[1], **options
        ).as_xcom()

    def task(self, operator, window, *, run, sync_type, context_of=None, **options):
        """Run one task of a window."""
        window = getattr(window, "window", window)
        made = operator(task_id="task", window=window, sync_type=SYNC_TYPES[sync_type], **options)
        return HandedOver(made.execute(context_of or context(run)))

    def fetch(self, window, *, run="manual__1", sync_type="incremental", in_flight=32, **options):
        window = window | options if isinstance(window, dict) else self.planned(window, **options)
        places = {"landing_url": f"file://{self.landing}", "in_flight": in_flight}
        return self.task(VtexFetchOrdersOperator, window, run=run, sync_type=sync_type, **places)

    def stage(self, fetched, *, run="manual__1", sync_type="incremental"):
        return self.task(StagingLoadOperator, fetched, run=run, sync_type=sync_type)

    def merge(self, staged, *, run="manual__1", sync_type="incremental", checks=()):
        return self.task(MergeOrdersOperator, staged, run=run, sync_type=sync_type, checks=checks)

    def sync(self, window, *, run="manual__1", sync_type="incremental", checks=(), **options):
        fetched = self.fetch(window, run=run, sync_type=sync_type, **options)
        staged = self.stage(fetched, run=run, sync_type=sync_type)
        return fetched | staged | self.merge(staged, run=run, sync_type=sync_type, checks=checks)

    def plan(self, *, run_type="manual", run_after=None, interval_end=None, start="", end="", run="manual__1"):
        form = NO_FORM | {"window_start": start, "window_end": end}
        asked = context(run, run_type=run_type, run_after=run_after, interval_end=interval_end, params=form)
        with warehouse() as db:
            return plan_incremental(asked, db, **self.names).as_xcom()

    def orders_run(self, *, run_after, start="", end="", run="manual__1"):
        """Run the first task of ``cdp_orders__ferreira``, triggered by hand."""
        form = NO_FORM | {"window_start": start, "window_end": end}
        asked = context(run, run_type="manual", run_after=run_after, params=form)
        places = {"landing_url": f"file://{self.landing}", "plan": plan_incremental}
        window = dict(self.names)
        return self.task(
            VtexFetchOrdersOperator, window, run=run, sync_type="incremental", context_of=asked, **places
        )  # fmt: skip

    def plan_history(
        self, *, run_after=None, start="", end="", windows=500, run="manual__1", off_peak_only=False,
        requests_per_second=None,
    ):  # fmt: skip
        form = {"window_start": start, "window_end": end, "windows": windows, "off_peak_only": off_peak_only}
        form |= {"requests_per_second": requests_per_second}
        asked = context(run, run_after=run_after or self.sandbox.now, params=NO_FORM | form)
        with set_current_context(asked):
            return plan_history.function(**self.names)

    def refresh(self, *, run="scheduled__1", asked_at, days=30, sample_percent=5, allowed=1, replays=True):
        """Run a full refresh of the shop, without its replay if that would heal first; return its findings."""
        form = {
            "tenants": [self.names["tenant"]],
            "days": days,
            "sample_percent": sample_percent,
            "drift_percent": allowed,
        }
        with set_current_context(context(run, run_after=asked_at, interval_end=asked_at, params=form)):
            (window,) = plan_refresh.function()
        window |= {"requests_per_second": FASTEST}
        if replays:
            window = self.task(ReplayOrdersOperator, window, run=run, sync_type="full").window
        self.sync(window, run=run, sync_type="full")
        return self.compare(window, run=run)

    def compare(self, window, *, run="scheduled__1", checks=()):
        return self.task(CompareIntegrityOperator, window, run=run, sync_type="full", checks=checks)

    def feed_window(self, **options):
        """Return the window of a drain, as a plan would hand it over."""
        return self.planned(
            ((self.sandbox.now - timedelta(minutes=5)).isoformat(), self.sandbox.now.isoformat()), **options
        )

    def drain(self, *, run="feed__1", **options):
        """Run the drain; return its XCom. :raises AirflowSkipException: if there is nothing to do."""
        return self.task(DrainFeedOperator, self.feed_window(**options), run=run, sync_type="feed")

    def fetch_notified(self, drained=None, *, run="feed__1", in_flight=8):
        return self.fetch(
            drained.window if drained else self.feed_window(), run=run, sync_type="feed", in_flight=in_flight
        )

    def commit(self, merged=None, *, run="feed__1"):
        return self.task(CommitFeedOperator, merged or self.feed_window(), run=run, sync_type="feed")

    def merge_notified(self, drained=None, *, run="feed__1"):
        """Merge the inbox into ``cdp.*``, without drain and commit."""
        fetched = self.fetch_notified(drained, run=run)
        staged = self.stage(fetched, run=run, sync_type="feed")
        merged = self.merge(staged, run=run, sync_type="feed")
        both = HandedOver(merged.window)
        both.update(fetched | staged | merged)
        return both

    def feed_run(self, *, run="feed__1", **options):
        """Run ``cdp_order_feed`` for the shop; return an empty dictionary if there was nothing to do."""
        try:
            drained = self.drain(run=run, **options)
        except AirflowSkipException:
            return {}
        merged = self.merge_notified(drained, run=run)
        return drained | merged | self.commit(merged, run=run)

    def rows(self, statement, *parameters):
        return self.db.execute(statement, parameters).fetchall()

    def value(self, statement, *parameters):
        (row,) = self.rows(statement, *parameters)
        return next(iter(row.values()))

    def digest(self):
        """Return a digest of all rows that must not depend on the number of runs."""
        return {
            table: self.value(
                f"select md5(string_agg(t::text, '|' order by t::text)) from (select {columns} from cdp.{table}) as t"
            )
            for table, columns in {
                "order_events": "tenant_id, order_id, status, order_date, last_change, total, item_count",
                "order_items": "tenant_id, order_id, item_index, sku_id, quantity, selling_price, discount",
                "order_payloads": "tenant_id, order_id, document::text",
                "order_buyers": "tenant_id, order_id, document, email, document_key, email_key",
                "products": "tenant_id, sku_id, name, last_order_id",
                **{table.name: "*" for table in LINE_TABLES if table.name != "order_items"},
            }.items()
        }

    def put_documents(self, *documents):
        for document in documents:
            self.sandbox.put("ferreira", document if isinstance(document, bytes) else json.dumps(document).encode())


def connect(sandbox, slug, monkeypatch):
    """Make the connection of a tenant to its account, which is called like it."""
    key, token = sandbox.credentials(slug)
    connection = {"conn_type": "http", "host": sandbox.account_url(slug), "login": key, "password": token}
    monkeypatch.setenv(f"AIRFLOW_CONN_VTEX_{slug.upper()}", json.dumps(connection))


@pytest.fixture
def shop(db, dsn, sandbox, tmp_path, monkeypatch):
    """Ferreira, tenant 20, with about fifty orders a day."""
    sandbox.open("ferreira", theme="sports", orders_per_day=[45, 55])
    connect(sandbox, "ferreira", monkeypatch)
    monkeypatch.setenv("AIRFLOW_CONN_CDP_WAREHOUSE", dsn)
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (20, 'Ferreira', 'ferreira', 'ferreira', %s)",
        (sandbox.now - timedelta(days=700),),
    )
    return Shop(db, sandbox, tmp_path / "landing")


@pytest.fixture
def small(shop):
    """A shop with about fifteen orders a day, at noon."""
    shop.sandbox.open("ferreira", theme="sports", orders_per_day=[14, 16], incomplete_share=0)
    shop.sandbox.freeze("2026-11-20T12:00:00Z")
    return shop


@pytest.fixture
def synced(small):
    """The small shop with its last month synced up to now, exactly as VTEX has it."""
    small.sync(MONTH, run="before", asked_at="2026-11-20T12:00:00Z")
    small.sandbox.clear_log()
    return small
