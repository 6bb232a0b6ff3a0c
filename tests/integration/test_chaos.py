"""
Sixty days of history through kills, outages, odd orders, shifting pages and a stale index: exactly VTEX's truth.

The stored tables are compared with those of an undisturbed sync of the same moment, column by column, and that
with the sandbox's own truth.
"""

import random
from datetime import datetime, timedelta

import pytest

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch import landing_writer
from cdp_sync.fetch.landing import LandingIncomplete
from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.vtex import client, listing
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexError
from tests.integration.test_full_refresh import plan
from tests.integration.test_history import fast
from tests.integration.test_resumption import empty
from tests.integration.test_sync_window import complete
from tests.moments import seeds

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

pytestmark = pytest.mark.timeout(600)

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
ODD = [
    {"route": "list", "find": '"clientName":"[^"]*"', "put": r'"clientName":"cut \ud83d"', "probability": 0.1},
    {"route": "list", "find": '"creationDate":"[^"]*"', "put": '"creationDate":null', "probability": 0.03},
    {"route": "list", "find": '"orderId":"[^"]*"', "put": '"orderId":12.5', "probability": 0.01},
    {
        "route": "detail",
        "find": '"value":[0-9]+,"creationDate"',
        "put": '"value":1e18,"creationDate"',
        "probability": 0.01,
    },
    {
        "route": "detail",
        "find": '"lastChange":"[^"]*"',
        "put": '"lastChange":"9999-12-31T23:59:59Z"',
        "probability": 0.01,
    },
    {"route": "detail", "find": r"(?s)\A.*\Z", "put": "<html>\xff</html>", "probability": 0.005},
]
"""Rows and documents that nobody can read, or only in part; the next answer is right again."""
REFUSED = "check (abs(hashtext(order_id)) % 300 <> 7)"
"""Constraint of this database's own, which a few orders violate."""
KEYS = {
    "order_events": ["order_id"],
    "order_items": ["order_id", "item_index"],
    "order_payloads": ["order_id"],
    "order_buyers": ["order_id"],
    "products": ["sku_id"],
}
NOT_OF_VTEX = {"synced_at", "fetched_at", "sync_run_id"}


class Killed(BaseException):
    """The death of a worker, as the interrupted code sees it."""


class Chaos:
    """Random kills of tasks, before or after their next step."""

    def __init__(self, seed):
        self.rng, self.killed, self.armed = random.Random(seed), [], True

    def maybe(self, odds, where):
        if self.armed and self.rng.random() < odds:
            self.killed.append(where)
            raise Killed(where)

    def wrap(self, monkeypatch, owner, name, odds):
        original = getattr(owner, name)

        def wrapped(*args, **kwargs):
            step = f"{name} {args[1] if len(args) > 1 else ''}".strip()
            self.maybe(odds, f"before {step}")
            result = original(*args, **kwargs)
            self.maybe(odds, f"after {step}")
            return result

        monkeypatch.setattr(owner, name, wrapped)


@pytest.fixture(**seeds())
def chaos(request, shop, monkeypatch):
    seed, moment = request.param
    shop.sandbox.open("ferreira", orders_per_day=[18, 24], stale_share=0.2, incomplete_share=0.1)
    shop.sandbox.freeze(moment)
    shop.db.execute("update cdp.tenants set go_live_date = %s", ((shop.sandbox.now - timedelta(days=DAYS)).date(),))
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(listing, "PASS_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(landing_writer, "PART_DOCUMENTS", 40)
    chaos = Chaos(seed)
    chaos.wrap(monkeypatch, Warehouse, "run", 0.002)  # a refused order is found with hundreds of statements
    chaos.wrap(monkeypatch, Warehouse, "rows", 0.003)
    chaos.wrap(monkeypatch, Warehouse, "copy", 0.003)
    chaos.wrap(monkeypatch, LandingWriter, "flush", 0.06)
    chaos.wrap(monkeypatch, LandingWriter, "close", 0.04)
    ask = VtexClient.ask

    async def killed_in_flight(self, *args, **options):
        chaos.maybe(0.001, f"at {options['path']}")
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
    start = shop.sandbox.now
    for fault in [*({"fault": "rewrite"} | odd for odd in ODD), *OUTAGES]:
        shop.sandbox.fault(**fault)
    shop.db.execute(f"alter table cdp.order_events add constraint refused {REFUSED}")

    runs = 0
    while windows := insistently(shop.plan_history):
        runs += 1
        assert runs < 100
        # Some runs end early: off-peak time is over, somebody clears them, a deployment interrupts them.
        for number, window in enumerate(windows[: chaos.rng.randint(1, 5)]):
            until_it_is_done(shop, f"history__{runs}/{number}", window, "historical")
            shop.sandbox.advance(chaos.rng.uniform(60, 7200))
        yesterday, two_weeks_ago = ((start - timedelta(days=days)).isoformat() for days in (1, 14))
        incremental = shop.planned((yesterday, now(shop)), listed_from=two_weeks_ago)
        until_it_is_done(shop, f"incremental__{runs}", incremental, "incremental")
    odd = shop.rows("select reason from cdp.rejected_orders where resolved_at is null")
    shop.sandbox.heal()
    for fault in OUTAGES:
        shop.sandbox.fault(**fault)
    shop.db.execute("alter table cdp.order_events drop constraint refused")
    shop.sandbox.advance(900)
    (window,) = insistently(lambda: plan(shop, days=DAYS + 1, asked_at=datetime.fromisoformat(now(shop))))
    window |= {"sample_percent": 100, "window_end": now(shop)}  # the index is stale: read every document
    until_it_is_done(shop, "refresh", window, "full")
    insistently(lambda: shop.compare(window, run="refresh"))
    stored = digest(shop)

    chaos.armed = False
    shop.sandbox.heal()
    bounds = (window["window_start"], window["window_end"])
    truth = complete(shop.sandbox.truth("ferreira", *bounds))
    empty(shop)
    shop.sync(bounds, run="undisturbed", sync_type="historical")
    undisturbed = digest(shop)

    here = {key[1]: row for key, row in stored.items() if key[0] == "order_events"}
    assert len(chaos.killed) > 15
    assert any("CheckViolation" in row["reason"] for row in odd)
    assert any("value" in row["reason"] or "lastChange" in row["reason"] for row in odd)
    assert listed(truth, bounds) <= set(here) <= set(truth)
    assert len(truth) > 1000
    for order_id, row in here.items():
        order = truth[order_id]
        assert (row["status"], int(row["total"] * 100), row["item_count"], row["cancel_reason"]) == (
            order["status"], order["value"], order["items"], order["cancelReason"]
        )  # fmt: skip
    assert stored.keys() == undisturbed.keys()
    assert {key for key, row in stored.items() if row != undisturbed[key]} == set()


def now(shop):
    """Return the present, in whole seconds."""
    return shop.sandbox.now.replace(microsecond=0).isoformat()


def listed(truth, bounds):
    """Return the orders that VTEX's list shows for certain; it runs four to five minutes late."""
    certain = datetime.fromisoformat(bounds[1]) - timedelta(minutes=6)
    return {key for key, order in truth.items() if datetime.fromisoformat(order["creationDate"]) < certain}
