"""
Four days of feed through kills, outages, duplicates and polls that hold back: exactly VTEX's truth.

A worker can die at any statement, request and landed part, in each of the tasks.
"""

from datetime import datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch import landing_writer, notified
from cdp_sync.fetch.landing import LandingIncomplete
from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.vtex import client
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexError
from cdp_sync.vtex.feed import STATUSES, VISIBILITY_SECONDS
from tests.integration.test_chaos import OUTAGES, Chaos, Killed, now
from tests.moments import seeds

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

ODD = {
    "fault": "rewrite", "route": "feed", "find": '"currentChange":"[^"]*"', "probability": 0.1,
    "put": '"currentChange":"0001-01-01T00:00:00Z"',
}  # fmt: skip
"""Items nobody can read; VTEX serves them again."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(**seeds())
def chaos(request, shop, monkeypatch):
    seed, moment = request.param
    shop.sandbox.open(
        "ferreira", orders_per_day=[18, 24], incomplete_share=0.1, feed_short_polls=0.4, feed_duplicates=0.3
    )
    shop.sandbox.freeze(moment)
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(landing_writer, "PART_DOCUMENTS", 5)
    monkeypatch.setattr(notified, "MOST_ORDERS", 40)  # so that one run seldom empties the inbox
    chaos = Chaos(seed)
    chaos.wrap(monkeypatch, Warehouse, "run", 0.02)
    chaos.wrap(monkeypatch, Warehouse, "rows", 0.02)
    chaos.wrap(monkeypatch, Warehouse, "copy", 0.02)
    chaos.wrap(monkeypatch, LandingWriter, "flush", 0.03)
    chaos.wrap(monkeypatch, LandingWriter, "close", 0.03)
    ask = VtexClient.ask

    async def killed_in_flight(self, *args, **options):
        path = args[0] if args else options["path"]
        chaos.maybe(0.01, f"before {path}")
        answer = await ask(self, *args, **options)
        chaos.maybe(0.01, f"after {path}")
        return answer

    monkeypatch.setattr(VtexClient, "ask", killed_in_flight)
    return chaos


def one_run(shop, run):
    """Run the DAG: each task has one retry, and the rest is left to the next run."""
    result = None
    steps = [
        lambda _: shop.drain(run=run),
        lambda drained: shop.fetch_notified(drained, run=run),
        lambda fetched: shop.stage(fetched, run=run, sync_type="feed"),
        lambda staged: shop.merge(staged, run=run, sync_type="feed"),
        lambda merged: shop.commit(merged, run=run),
    ]
    for step in steps:
        for attempt in (1, 2):
            try:
                result = step(result)
                break
            except AirflowSkipException:
                return
            except (Killed, VtexError, LandingIncomplete, CountMismatch):
                if attempt == 2:
                    return


def settled(shop, run):
    """Run the DAG again; return whether nothing waits, here or at VTEX, hidden or not."""
    return not shop.feed_run(run=run) and not shop.sandbox.feed("ferreira")["messages"]


def test_after_any_interruption_every_change_is_there_once_and_every_order_is_as_vtex_has_it(shop, chaos):
    start = shop.sandbox.now
    chaos.armed = False
    shop.feed_run(run="configured")
    chaos.armed = True
    for fault in [ODD, *OUTAGES]:
        shop.sandbox.fault(**fault)

    for number in range(60):
        one_run(shop, f"feed__{number}")
        shop.sandbox.advance(chaos.rng.uniform(300, 2.5 * 3600))
    chaos.armed = False
    shop.sandbox.heal()
    for number in range(200):
        if settled(shop, f"settling__{number}"):
            break
        shop.sandbox.advance(VISIBILITY_SECONDS + 1)
    else:
        raise AssertionError("it never settles")

    truth = shop.sandbox.truth("ferreira", (start - timedelta(days=40)).isoformat(), now(shop))
    changes = shop.sandbox.changes("ferreira", start.isoformat(), now(shop))
    happened = {(order_id, state, cut(at)) for order_id, state, at in changes if state in STATUSES}
    rows = shop.rows("select order_id, to_state, changed_at from cdp.order_status_changes")
    reported = [(row["order_id"], row["to_state"], row["changed_at"]) for row in rows]
    stored = {row["order_id"]: row for row in shop.rows("select * from cdp.order_events")}
    assert len(chaos.killed) > 20
    assert len(reported) == len(set(reported)) > 250
    assert set(reported) == happened
    assert set(stored) == {order_id for order_id, *_ in happened if truth[order_id]["isCompleted"]}
    assert {order_id: row["status"] for order_id, row in stored.items()} == {
        order_id: truth[order_id]["status"] for order_id in stored
    }
    assert all(stored[order_id]["last_change"] >= at for order_id, _, at in reported if order_id in stored)
    assert shop.rows("select * from cdp.order_notifications where processed_at is null") == []
    assert shop.rows("select * from cdp.rejected_orders where resolved_at is null") == []
    lines = shop.rows("select order_id, count(*) from cdp.order_items group by order_id")
    assert {row["order_id"]: row["count"] for row in lines} == {key: row["item_count"] for key, row in stored.items()}


def cut(date):
    """Return a date as the package reads it: cut to the microsecond, not rounded."""
    seconds, _, fraction = date.removesuffix("+00:00").partition(".")
    return datetime.fromisoformat(f"{seconds}+00:00").replace(microsecond=int(fraction.ljust(6, "0")[:6]))
