"""Fifteen days of two accounts with the same orders: one's list carries ``lastChange``, the other's does not."""

import json
import logging
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import unquote

import pytest

from cdp_sync.sync_types import INCREMENTAL, SYNC_TYPES
from cdp_sync.vtex.pacing import FASTEST
from cdp_sync.windows import INDEX_LAG
from tests.integration.conftest import Shop, connect
from tests.integration.test_full_refresh import add
from tests.integration.test_history import fast
from tests.integration.test_sync_window import details
from vtex_sandbox.clock import EPOCH, SECOND
from vtex_sandbox.documents import render
from vtex_sandbox.orders import day_number, make_day
from vtex_sandbox.scenario import Account, Scenario
from vtex_sandbox.timeline import SILENT

ANY_POSTGRES = True
log = logging.getLogger(__name__)
"""Of the fifteen days' figures: ``pytest -rP``."""
FIRST = datetime(2026, 10, 31, 3, tzinfo=UTC)
"""A Saturday, 00:00 in Argentina; the last of the fifteen days ends on a Sunday, before the refresh at 02:00."""
DAYS = 15
HOUR = timedelta(hours=1)
VTEX_IS_LATE = INDEX_LAG + timedelta(minutes=1)
"""Time for which the list may hide an order that is new."""
SAME = {"theme": "sports", "orders_per_day": [40, 40], "first_day": "2026-10-31"}


class Life(NamedTuple):
    """Order of the sandbox. :param changes: ticks of its versions, from the first the list shows."""

    order: object
    changes: list[int]


def ticks(moment):
    return (moment - EPOCH) // timedelta(microseconds=1) * (SECOND // 10**6)


@pytest.fixture(scope="module")
def lives():
    """Every order of both accounts, by the sandbox's own generator."""
    account, found = Account(**SAME), {}
    for number in range(DAYS + 1):
        for order in make_day(Scenario().seed, "ferreira", account, day_number(ticks(FIRST)) + number):
            is_order = [order.complete(number) for number in range(1, len(order.events) + 1)]
            changes = [
                event.at
                for event, shown in zip(order.events, is_order, strict=True)
                if shown and event.kind not in SILENT
            ]
            if changes:
                found[order.order_id] = Life(order, changes)
    return found


class Staleness(NamedTuple):
    """How old the oldest change is that is not stored, and how many orders lack one."""

    worst: timedelta
    orders: int

    def __str__(self):
        return f"{self.orders} stale, the worst by {self.worst / HOUR:.2f} h"


def staleness(shop, lives):
    """Compare the versions stored with the sandbox's truth, now; what VTEX's list may hide yet is not stale."""
    now = shop.sandbox.now
    stored = {
        row["order_id"]: ticks(row["last_change"])
        for row in shop.rows(
            "select order_id, last_change from cdp.order_events where tenant_id = %s", shop.names["tenant_id"]
        )
    }
    waits = []
    for order_id, life in lives.items():
        unseen = bisect_left(life.changes, stored[order_id] + 10) if order_id in stored else 0  # cut to microseconds
        if unseen < len(life.changes) and life.changes[unseen] <= ticks(now - VTEX_IS_LATE):
            waits.append(now - (EPOCH + timedelta(microseconds=life.changes[unseen] // 10)))
    return Staleness(max(waits, default=timedelta(0)), len(waits))


def differing(shop, lives):
    """Return the stored orders whose document is not byte for byte what VTEX serves now."""
    at, tenant = ticks(shop.sandbox.now), shop.names["tenant"]
    stored = "select order_id, document::text as body from cdp.order_payloads where tenant_id = %s"

    def served(order):
        return render(order, order.version(at), Account(**SAME), Scenario().seed, tenant).decode()

    return [
        row["order_id"]
        for row in shop.rows(stored, shop.names["tenant_id"])
        if row["body"] != served(lives[row["order_id"]].order)
    ]


@pytest.fixture
def carrying(shop):
    """Ferreira, whose list carries ``lastChange``."""
    shop.sandbox.open("ferreira", **SAME)
    shop.db.execute("update cdp.tenants set go_live_date = %s", (FIRST.date(),))
    return shop


@pytest.fixture
def lacking(carrying, monkeypatch):
    """A shop with Ferreira's orders, whose list does not carry ``lastChange``."""
    carrying.sandbox.open("gemela", **SAME, orders_of="ferreira", list_last_change=False)
    connect(carrying.sandbox, "gemela", monkeypatch)
    add(carrying, 21, "gemela", go_live_date=FIRST.date())
    return Shop(carrying.db, carrying.sandbox, carrying.landing, {"tenant_id": 21, "tenant": "gemela"})


def incremental(shop):
    """Run what Airflow would now: the scheduled run of this moment."""
    at = shop.sandbox.now
    run = f"scheduled__{at:%Y-%m-%dT%H}"
    return shop.sync(fast(shop.plan(run_type="scheduled", interval_end=at, run_after=at, run=run)), run=run)


def noticed(shop):
    (row,) = shop.rows("select * from cdp.order_lists where tenant_id = %s", shop.names["tenant_id"])
    return row["rows_with_last_change"], row["noticed_at"], row["seen_at"]


def requests(shop):
    """Return what the incremental runs of the last day and the last refresh asked of VTEX."""
    rows = shop.rows(
        "select sync_type, sum(requests)::int as requests, sum(fetched)::int as documents from cdp.sync_runs "
        "where tenant_id = %s and window_end > %s group by 1 order by 1",
        shop.names["tenant_id"],
        FIRST + timedelta(days=DAYS - 1),
    )
    return ", ".join(f"{row['sync_type']} {row['requests']} for {row['documents']} documents" for row in rows)


def test_fifteen_days_leave_nothing_a_day_stale_whether_or_not_the_list_shows_changes(carrying, lacking, lives):
    shops = {"with lastChange": carrying, "without": lacking}
    worst = dict.fromkeys(shops, Staleness(timedelta(0), 0))
    before_refresh, after_refresh, drifted = {}, {}, Counter()
    moments = [FIRST + number * 6 * HOUR for number in range(DAYS * 4 + 1)]
    sundays = [FIRST + timedelta(days=day, hours=2) for day in (1, 8, 15)]
    for moment in sorted(moments + sundays):
        carrying.sandbox.freeze(moment.isoformat())
        for kind, shop in shops.items():
            before = staleness(shop, lives)
            worst[kind] = max(worst[kind], before)
            if moment in sundays:
                drifted[kind] += shop.refresh(asked_at=moment, run=f"scheduled__{moment:%d}")["drifted"]
            else:
                incremental(shop)
            after = staleness(shop, lives)
            worst[kind] = max(worst[kind], after)
            if moment in sundays:
                before_refresh[kind], after_refresh[kind] = before, after

    for kind, shop in shops.items():
        log.info(
            "%s: worst %s; before the last refresh %s, after it %s; requests of a day: %s",
            kind, worst[kind], before_refresh[kind], after_refresh[kind], requests(shop),
        )  # fmt: skip
    assert carrying.value("select count(*) from cdp.order_events where tenant_id = 20") > 550
    assert worst["with lastChange"].worst <= 6 * HOUR + VTEX_IS_LATE
    assert worst["without"].worst <= 24 * HOUR
    assert {each.orders for each in after_refresh.values()} == {0}
    assert [differing(shop, lives) for shop in shops.values()] == [[], []]
    assert not any(drifted.values())
    assert [noticed(shop)[:2] for shop in shops.values()] == [("all", FIRST), ("none", FIRST)]


NIGHT = FIRST + timedelta(days=12)
"""A midnight in Argentina, when the daily read is due."""


@pytest.fixture
def plain(shop):
    """A small shop whose list carries no ``lastChange``, synced at midnight."""
    shop.sandbox.open("ferreira", orders_per_day=[12, 12], incomplete_share=0, list_last_change=False)
    shop.sandbox.freeze(NIGHT.isoformat())
    shop.sync((FIRST.isoformat(), (NIGHT - INDEX_LAG).isoformat()), run="before", asked_at=NIGHT.isoformat())
    return shop


def run_after(shop, hours):
    """Let time go by, and run what is scheduled then; return its counts."""
    shop.sandbox.advance(hours * 3600)
    shop.sandbox.clear_log()
    return incremental(shop)


def documents(shop):
    return {unquote(path).split("/orders/")[1] for path in details(shop)}


def stored(shop, condition="true"):
    return {row["order_id"] for row in shop.rows(f"select order_id from cdp.order_events where {condition}")}


CLOSED = "not cdp.is_open(status) and order_date >= '2026-11-01'"
"""Orders the list of any run in these tests shows, of which nothing but a change asks for a read."""


def deliver(shop, order_id):
    """Let an order be delivered: nothing of its list row changes."""
    body = json.loads(shop.value("select document::text from cdp.order_payloads where order_id = %s", order_id))
    package = {"invoiceNumber": "1", "courierStatus": {"finished": True, "status": "Entregado"}}
    shop.sandbox.alter("ferreira", order_id, packageAttachment={"packages": [package]}, status=body["status"])


def knows_of_delivery(shop, order_id):
    return "Entregado" in shop.value("select document::text from cdp.order_payloads where order_id = %s", order_id)


def test_by_day_open_orders_are_read_and_at_night_every_order_of_the_look_back(plain):
    closed = stored(plain, CLOSED)

    by_day = []
    for _ in range(3):
        still_open = stored(plain, "cdp.is_open(status)")
        run_after(plain, 6)
        by_day.append((still_open, documents(plain)))
    run_after(plain, 6)

    assert len(closed) > 50
    assert all(set() < still_open <= read for still_open, read in by_day)
    assert sum(len(read & closed) for _, read in by_day) < 10, "their rows changed"
    assert closed <= documents(plain)


def test_a_night_that_was_missed_is_made_up_for_by_the_next_run_and_only_once(plain):
    closed = stored(plain, CLOSED)

    run_after(plain, 30)
    made_up_for = documents(plain)
    run_after(plain, 6)

    assert closed <= made_up_for
    assert len(documents(plain) & closed) < 5


def test_the_nights_run_when_cleared_reads_nothing_again_for_its_age(plain):
    closed = stored(plain, CLOSED)
    run_after(plain, 24)
    plain.sandbox.clear_log()

    incremental(plain)

    assert not documents(plain) & closed


def test_a_run_by_hand_reads_no_order_before_its_day_is_over(plain):
    closed = stored(plain, CLOSED)
    plain.sandbox.advance(12 * 3600)
    plain.sandbox.clear_log()

    plain.sync(fast(plain.plan(run_after=plain.sandbox.now + timedelta(minutes=13))), run="by hand")

    assert len(documents(plain) & closed) < 5


def test_a_window_asked_for_by_hand_brings_nothing_but_itself(plain):
    plain.sandbox.advance(48 * 3600)
    plain.sandbox.clear_log()
    window = {"start": NIGHT.isoformat(), "end": (NIGHT + 6 * HOUR).isoformat()}

    plain.sync(fast(plain.plan(run_after=plain.sandbox.now, **window)), run="by hand")

    assert documents(plain) >= stored(plain, f"order_date >= '{NIGHT}'") > set()
    assert not documents(plain) & stored(plain, f"status <> 'canceled' and last_change < '{NIGHT}'")


def test_an_order_the_list_hides_is_read_at_night_too_and_one_that_is_gone_fails_nothing(plain):
    hidden, gone = sorted(stored(plain, CLOSED))[:2]
    deliver(plain, hidden)
    plain.sandbox.hide("ferreira", hidden)
    plain.sandbox.hide("ferreira", gone, gone=True)

    run_after(plain, 24)

    assert knows_of_delivery(plain, hidden)
    assert gone in documents(plain)
    assert plain.value("select count(*) from cdp.rejected_orders") == 0


def test_an_account_that_begins_to_carry_last_change_is_noticed_and_believed(plain):
    closed = stored(plain, CLOSED)
    kinds = [noticed(plain)]
    run_after(plain, 6)
    kinds.append(noticed(plain))
    plain.sandbox.open("ferreira", orders_per_day=[12, 12], incomplete_share=0)
    hidden = min(closed)
    plain.sandbox.hide("ferreira", hidden)

    counts = run_after(plain, 18)

    night = NIGHT + timedelta(days=1)
    assert kinds == [("none", NIGHT, NIGHT), ("none", NIGHT, NIGHT + 6 * HOUR)]
    assert noticed(plain) == ("all", night, night)
    assert counts["skipped"] > len(closed) / 2
    assert hidden not in documents(plain)


def test_an_account_that_carries_last_change_no_more_is_noticed_and_all_of_it_is_read(plain):
    plain.sandbox.open("ferreira", orders_per_day=[12, 12], incomplete_share=0)
    run_after(plain, 24)
    plain.sandbox.open("ferreira", orders_per_day=[12, 12], incomplete_share=0, list_last_change=False)
    order_id = min(stored(plain, CLOSED))

    run_after(plain, 6)
    kind = noticed(plain)
    deliver(plain, order_id)
    run_after(plain, 18)

    assert kind == ("none", NIGHT + timedelta(hours=30), NIGHT + timedelta(hours=30))
    assert knows_of_delivery(plain, order_id)


def test_an_older_run_that_is_cleared_does_not_change_what_is_noticed_of_an_account(plain):
    run_after(plain, 6)
    plain.sandbox.open("ferreira", orders_per_day=[12, 12], incomplete_share=0)

    plain.sync((FIRST.isoformat(), NIGHT.isoformat()), run="before", asked_at=NIGHT.isoformat())

    assert noticed(plain) == ("none", NIGHT, NIGHT + 6 * HOUR)


def test_of_a_list_of_which_some_rows_carry_last_change_these_are_believed_and_the_others_read_daily(plain):
    plain.sandbox.open("ferreira", orders_per_day=[12, 12], incomplete_share=0)
    plain.sandbox.fault("rewrite", route="list", find='"lastChange":"2026-11-0[1-5][^"]*"', put='"lastChange":null')
    early, late = "last_change < '2026-11-06'", "last_change >= '2026-11-06'"
    run_after(plain, 24)
    run_after(plain, 24)

    assert noticed(plain)[0] == "some"
    assert stored(plain, f"{CLOSED} and {early} and order_date >= '{NIGHT - timedelta(days=11)}'") <= documents(plain)
    unchanged = stored(plain, f"{CLOSED} and {late} and last_change < '{NIGHT}'")
    assert len(unchanged) > 50
    assert not unchanged & documents(plain)


def test_what_does_not_fit_into_a_run_is_left_to_the_next_and_the_longest_unread_go_first(plain, monkeypatch, caplog):
    closed = sorted(stored(plain, f"{CLOSED} and status = 'invoiced'"))
    for seconds, order_id in enumerate(closed):
        read_at = NIGHT - timedelta(hours=1, seconds=len(closed) - seconds)
        plain.db.execute("update cdp.order_fetches set fetched_at = %s where order_id = %s", (read_at, order_id))
    thirty = replace(INCREMENTAL, rereads_for=timedelta(seconds=30 / FASTEST))
    monkeypatch.setitem(SYNC_TYPES, "incremental", thirty)

    runs = []
    for hours in (24, 6):
        run_after(plain, hours)
        runs.append(documents(plain) & set(closed))
    changed = stored(plain, f"last_change >= '{NIGHT - HOUR}'")

    assert [sorted(read - changed) for read in runs] == [
        [order_id for order_id in part if order_id not in changed] for part in (closed[:30], closed[30:60])
    ]
    said, *_ = [each.getMessage() for each in caplog.records if "fit into" in each.getMessage()]
    assert said.startswith("ferreira: ")
    assert "and 30 fit into 0:00:00.003000 at this account's rate; the longest unread go first" in said


def test_a_run_says_that_the_list_carries_no_last_change_and_how_many_orders_it_read_for_that(plain, caplog):
    caplog.set_level(logging.INFO)
    hashes = "select order_id, listing_hash from cdp.order_fetches"
    before = {row["order_id"]: row["listing_hash"] for row in plain.rows(hashes)}

    run_after(plain, 24)

    said = [each.getMessage() for each in caplog.records if "lastChange" in each.getMessage()]
    after = {row["order_id"]: row["listing_hash"] for row in plain.rows(hashes)}
    same_row = [order_id for order_id in documents(plain) if before.get(order_id) == after[order_id]]
    assert said == [
        "ferreira: VTEX's list carries lastChange in none of its rows; "
        f"{len(same_row)} orders are read again for that reason"
    ]


def test_what_the_list_did_not_show_for_a_day_is_healed_and_is_no_drift(plain):
    order_id = min(stored(plain, CLOSED))
    plain.sandbox.advance(600)
    deliver(plain, order_id)
    plain.sandbox.advance(12 * 3600)
    plain.db.execute("update cdp.tenants set last_sync_at = %s", (plain.sandbox.now,))

    found = plain.refresh(asked_at=plain.sandbox.now, days=12)

    assert knows_of_delivery(plain, order_id)
    assert (found["stale"] > 0, found["drifted"]) == (True, 0)


def test_what_was_not_shown_for_longer_than_a_day_is_drift(plain):
    order_id = min(stored(plain, CLOSED))
    deliver(plain, order_id)
    plain.sandbox.advance(30 * 3600)
    plain.db.execute("update cdp.tenants set last_sync_at = %s", (plain.sandbox.now,))

    found = plain.refresh(asked_at=plain.sandbox.now, days=12, allowed=100)

    assert knows_of_delivery(plain, order_id)
    assert found["drifted"] > 0
