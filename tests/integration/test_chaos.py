"""
Sixty days of history through kills, outages, throttling, shifting pages and a stale index: exactly VTEX's truth.

The stored tables are compared with those of an undisturbed sync of the same moment, column by column, and that
with the sandbox's own truth.
"""

import random
from datetime import UTC, datetime, timedelta

import pytest

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch import landing
from cdp_sync.fetch.landing import LandingIncomplete, LandingWriter
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.vtex import client, listing, pacing
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexError
from tests.integration.test_full_refresh import plan
from tests.integration.test_history import fast
from tests.integration.test_resumption import empty
from tests.integration.test_sync_window import complete

pytestmark = pytest.mark.timeout(600)

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 60
OUTAGES = [
    {"fault": "status", "status": 503, "probability": 0.03},
    {"fault": "status", "status": 500, "probability": 0.02},
    {"fault": "status", "status": 429, "retry_after": 0, "probability": 0.01},
    {"fault": "status", "status": 401, "probability": 0.003},
    {"fault": "reset", "probability": 0.01},
    {"fault": "truncate", "probability": 0.01},
    {"fault": "cut_json", "probability": 0.01},
    {"fault": "html", "probability": 0.005},
    {"fault": "drift", "route": "list", "probability": 0.2},
    {"fault": "total_lie", "route": "list", "probability": 0.05},
    {"fault": "repeat_page", "route": "list", "probability": 0.02},
]
KEYS = {
    "order_events": ["order_id"],
    "order_items": ["order_id", "item_index"],
    "order_payloads": ["order_id"],
    "customers": ["customer_id"],
    "products": ["sku_id"],
}
NOT_OF_VTEX = {"synced_at", "fetched_at", "sync_run_id"}


class Killed(BaseException):
    """The death of a worker, as the interrupted code sees it."""


class Chaos:
    """Random kills of tasks, before or after their next step."""

    def __init__(self, rng):
        self.rng, self.kills, self.armed = rng, 0, True

    def maybe(self, odds):
        if self.armed and self.rng.random() < odds:
            self.kills += 1
            raise Killed

    def wrap(self, monkeypatch, owner, name, odds):
        original = getattr(owner, name)

        def wrapped(*args, **kwargs):
            self.maybe(odds)
            result = original(*args, **kwargs)
            self.maybe(odds)
            return result

        monkeypatch.setattr(owner, name, wrapped)


@pytest.fixture(params=[1, 2, 3])
def chaos(request, shop, monkeypatch):
    rng = random.Random(request.param)
    shop.sandbox.open("ferreira", orders_per_day=[18, 24], stale_share=0.2, incomplete_share=0.1)
    shop.sandbox.freeze(START.isoformat())
    shop.db.execute("update cdp.tenants set go_live_date = %s", ((START - timedelta(days=DAYS)).date(),))
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(pacing, "UNLIMITED_FALLBACK", 10_000.0)
    monkeypatch.setattr(listing, "PASS_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(landing, "PART_DOCUMENTS", 40)
    chaos = Chaos(rng)
    chaos.wrap(monkeypatch, Warehouse, "run", 0.03)
    chaos.wrap(monkeypatch, Warehouse, "rows", 0.003)
    chaos.wrap(monkeypatch, Warehouse, "copy", 0.003)
    chaos.wrap(monkeypatch, LandingWriter, "flush", 0.06)
    chaos.wrap(monkeypatch, LandingWriter, "close", 0.04)
    ask = VtexClient.ask

    async def killed_in_flight(self, *args, **options):
        chaos.maybe(0.001)
        return await ask(self, *args, **options)

    monkeypatch.setattr(VtexClient, "ask", killed_in_flight)
    return chaos


def until_it_is_done(shop, run, window, sync_type):
    """Run the tasks of a window, retried as Airflow would, and cleared if a task asks for it."""
    steps = {
        "fetch": lambda _: shop.fetch(fast(window), run=run, sync_type=sync_type, in_flight=6),
        "stage": lambda fetched: shop.stage(fetched, run=run, sync_type=sync_type),
        "merge": lambda staged: shop.merge(staged, run=run, sync_type=sync_type),
    }
    result, todo, tries = None, list(steps), 0
    while todo:
        tries += 1
        assert tries < 200, "it never gets done"
        try:
            result = steps[todo[0]](result)
        except (Killed, VtexError):
            continue
        except (LandingIncomplete, CountMismatch):  # both ask for the fetch to be cleared
            todo, result = list(steps), None
            continue
        todo.pop(0)
    return result


def insistently(action, *, wrong=(Killed, VtexError)):
    for _ in range(200):
        try:
            return action()
        except wrong:
            continue
    raise AssertionError("it never gets done")


def digest(shop):
    tables = {}
    for table, key in KEYS.items():
        for row in shop.rows(f"select * from cdp.{table}"):
            tables[table, *(row[name] for name in key)] = {
                name: value for name, value in row.items() if name not in NOT_OF_VTEX
            }
    return tables


def test_after_any_interruption_the_stored_set_is_vtexs_truth_order_by_order_and_field_by_field(shop, chaos):
    for fault in OUTAGES:
        shop.sandbox.fault(**fault)

    runs = 0
    while windows := insistently(shop.plan_history):
        runs += 1
        assert runs < 100
        # Some runs end early: off-peak time is over, somebody clears them, a deployment interrupts them.
        for number, window in enumerate(windows[: chaos.rng.randint(1, 5)]):
            until_it_is_done(shop, f"history__{runs}/{number}", window, "historical")
            shop.sandbox.advance(chaos.rng.uniform(60, 7200))
        incremental = shop.planned(("2026-11-19T12:00:00Z", now(shop)), listed_from="2026-11-06T00:00:00Z")
        until_it_is_done(shop, f"incremental__{runs}", incremental, "incremental")
    shop.sandbox.advance(900)
    (window,) = insistently(lambda: plan(shop, days=DAYS + 1, asked_at=datetime.fromisoformat(now(shop))))
    window |= {"sample_percent": 100, "window_end": now(shop)}  # the index is stale: read every document
    until_it_is_done(shop, "refresh", window, "full")
    insistently(lambda: shop.compare(window, run="refresh"))
    stored = digest(shop)

    chaos.armed = False
    shop.sandbox.heal()
    bounds = (window["window_start"], window["window_end"])
    truth = listed(shop, bounds)
    empty(shop)
    shop.sync(bounds, run="undisturbed", sync_type="historical")
    undisturbed = digest(shop)

    assert chaos.kills > 15
    assert {key[1] for key in stored if key[0] == "order_events"} == set(truth)
    assert len(truth) > 1000
    for order_id, order in truth.items():
        row = stored["order_events", order_id]
        assert (row["status"], int(row["total"] * 100), row["item_count"], row["cancel_reason"]) == (
            order["status"], order["value"], order["items"], order["cancelReason"]
        )  # fmt: skip
    assert stored.keys() == undisturbed.keys()
    assert {key for key, row in stored.items() if row != undisturbed[key]} == set()


def now(shop):
    """Return the sandbox's time, in whole seconds."""
    return shop.sandbox.call("GET", "clock")["now"][:19] + "+00:00"


def listed(shop, bounds):
    """Return the orders VTEX's list shows by now, without carts and the changes of the last minutes."""
    truth = complete(shop.sandbox.truth("ferreira", *bounds))
    recent = datetime.fromisoformat(bounds[1]) - timedelta(minutes=6)
    return {key: order for key, order in truth.items() if datetime.fromisoformat(order["creationDate"]) < recent}
