"""Changes VTEX reports: received, read once, merged, and only then committed."""

import asyncio
import json
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context

from cdp_sync.hooks.vtex import VtexHook
from cdp_sync.inbox import drain
from cdp_sync.operators.plan_feeds import check_feeds, plan_feeds
from cdp_sync.sync_types import FEED
from cdp_sync.vtex import client as client_module
from cdp_sync.vtex.errors import VtexUnavailable
from cdp_sync.vtex.feed import HOOK_HEADER, OURS, HookConfiguration, OrderFeed, OrderHook
from cdp_sync.vtex.pacing import FASTEST
from tests.conftest import context
from tests.integration.test_vtex_behaviour import NOW

DAY = 86_400
HOUR = 3_600
OTHERS = {"filter": {"type": "FromWorkflow", "status": ["invoiced"]}, "queue": {"visibilityTimeoutInSeconds": 30}}


@pytest.fixture
def fed(shop, monkeypatch):
    """Ferreira with a feed of ours, at noon; no poll holds back, no duplicates."""
    monkeypatch.setattr(client_module, "BACKOFF_SECONDS", 0.001)
    shop.sandbox.open("ferreira", orders_per_day=[18, 24], feed_short_polls=0.0, feed_duplicates=0.0)
    shop.sandbox.freeze(NOW)
    shop.db.execute("update cdp.tenants set feed_enabled = true")
    assert shop.feed_run(run="first") == {}
    shop.sandbox.clear_log()
    return shop


def an_order(shop):
    return min(shop.sandbox.truth("ferreira", "2026-11-10", "2026-11-11"))


def cancel(shop, order_id, **fields):
    shop.sandbox.alter("ferreira", order_id, status="canceled", **fields)


def details(shop):
    return [entry["path"].rpartition("/")[2] for entry in shop.sandbox.log("ferreira", "detail")]


def held(shop):
    return shop.sandbox.feed("ferreira")["messages"]


def feed(shop):
    (row,) = shop.rows("select * from cdp.order_feeds")
    return row


def at_vtex(shop, work):
    """Use the feed with the shop's own key, as somebody else might."""

    async def session():
        hook = VtexHook("vtex_ferreira", tenant="ferreira")
        async with hook.client(sync_type=FEED, concurrency=1, requests_per_second=FASTEST) as client:
            return await work(client)

    return asyncio.run(session())


def open_gaps(shop):
    return shop.rows(
        "select window_start, window_end from cdp.sync_checkpoints where sync_type = 'feed' and status = 'failed'"
    )


def test_a_change_is_stored_by_the_next_run_and_taken_off_the_feed(fed):
    order_id = an_order(fed)
    cancel(fed, order_id)

    run = fed.feed_run()

    assert (run["received"], run["inserted"], run["committed"]) == (1, 1, 1)
    assert fed.value("select status from cdp.order_events where order_id = %s", order_id) == "canceled"
    assert (held(fed), details(fed)) == ([], [order_id])
    assert fed.rows("select * from staging.feed_handles") == []


def test_nothing_is_committed_before_it_is_merged(fed):
    cancel(fed, an_order(fed))

    fed.drain()
    fed.commit()
    assert len(held(fed)) == 1
    fed.merge_notified()
    assert len(held(fed)) == 1
    fed.commit()

    assert held(fed) == []


def test_the_feed_covers_no_window_and_asks_the_list_for_nothing(fed):
    cancel(fed, an_order(fed))

    fed.feed_run()

    assert fed.rows("select * from cdp.sync_checkpoints") == fed.rows("select * from cdp.sync_coverage") == []
    assert fed.sandbox.log("ferreira", "list") == []
    assert fed.value("select last_sync_at from cdp.tenants") is None
    (run,) = fed.rows("select sync_type, status, listed, fetched, inserted from cdp.sync_runs")
    assert tuple(run.values()) == ("feed", "completed", 1, 1, 1)


def test_an_order_that_changed_often_is_read_once_and_every_change_of_state_is_kept(fed):
    order_id = an_order(fed)
    for status in ("ready-for-handling", "handling", "invoiced"):
        fed.sandbox.advance(60)
        fed.sandbox.alter("ferreira", order_id, status=status)

    fed.feed_run()

    assert details(fed) == [order_id]
    changes = fed.rows("select * from cdp.order_status_changes order by changed_at")
    assert [row["to_state"] for row in changes] == ["ready-for-handling", "handling", "invoiced"]
    assert [row["from_state"] for row in changes[1:]] == ["ready-for-handling", "handling"]
    assert (
        changes[2]["from_state_since"] == changes[1]["changed_at"] == datetime.fromisoformat(NOW) + timedelta(minutes=2)
    )
    assert {row["source"] for row in changes} == {"feed"}


def test_what_comes_twice_is_one_change_and_one_request(fed):
    fed.sandbox.open("ferreira", orders_per_day=[18, 24], feed_short_polls=0.3, feed_duplicates=1.0)
    fed.db.execute("delete from cdp.order_feeds")
    fed.feed_run(run="second")
    cancel(fed, an_order(fed))

    run = fed.feed_run()

    assert (run["received"], run["new"], run["committed"]) == (2, 1, 2)
    assert len(details(fed)) == fed.value("select count(*) from cdp.order_status_changes") == 1


def test_what_was_merged_and_not_committed_comes_again_and_is_committed_without_another_request(fed):
    cancel(fed, an_order(fed))
    fed.drain()
    fed.merge_notified()  # and the worker dies
    fed.db.execute("delete from staging.feed_handles")  # unlogged: so does the database
    fed.sandbox.clear_log()
    fed.sandbox.advance(OURS.visibility + 1)

    with pytest.raises(AirflowSkipException, match="nothing changed"):
        fed.drain(run="feed__2")

    assert (held(fed), details(fed)) == ([], [])


def test_what_was_received_and_not_read_is_taken_up_without_waiting_for_vtex(fed):
    cancel(fed, an_order(fed))
    fed.drain()  # and the worker dies; the item stays hidden for ten minutes

    run = fed.feed_run(run="feed__2")

    assert (run["received"], run["inserted"], run["committed"]) == (0, 1, 1)


def test_an_order_another_sync_has_read_since_is_not_read_again(fed):
    fed.sandbox.advance(6 * HOUR)
    fed.sync(("2026-11-03T00:00:00Z", "2026-11-20T18:00:00Z"))
    fed.sandbox.clear_log()

    run = fed.feed_run()

    assert run["orders"] > 10
    assert len(details(fed)) <= run["orders"] / 5  # carts, and what the list does not show yet
    assert run["skipped"] == run["orders"] - run["fetched"]
    assert held(fed) == []


def test_an_order_stored_as_the_change_left_it_is_not_read_again_however_soon_it_was_read(fed):
    order_id = an_order(fed)
    cancel(fed, order_id)
    fed.sync(("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z"), force_refetch=True)  # in the second of the change
    fed.sandbox.clear_log()

    run = fed.feed_run()

    assert (run["orders"], run["skipped"], details(fed), held(fed)) == (1, 1, [], [])


def test_an_order_read_well_after_the_change_is_not_read_again_whatever_its_document_is_dated(fed):
    order_id = an_order(fed)
    fed.sync(("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z"))  # fetched at noon, changed days before
    fed.sandbox.clear_log()
    notify(fed, order_id, changed_at="2026-11-20T11:59:57Z")

    run = fed.feed_run()

    assert (run["skipped"], details(fed)) == (1, [])


def test_of_several_changes_the_latest_decides_whether_an_order_is_read(fed):
    order_id = an_order(fed)
    cancel(fed, order_id)
    fed.sync(("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z"), force_refetch=True)
    fed.sandbox.advance(1)
    fed.sandbox.alter("ferreira", order_id, status="invoiced")

    run = fed.feed_run()

    assert (run["notifications"], run["fetched"]) == (2, 1)
    assert fed.value("select status from cdp.order_events where order_id = %s", order_id) == "invoiced"


def test_a_change_after_the_document_was_read_is_read_again(fed):
    order_id = an_order(fed)
    cancel(fed, order_id)
    fed.feed_run()
    fed.sandbox.advance(1)
    fed.sandbox.alter("ferreira", order_id, status="invoiced")

    fed.feed_run(run="feed__2")

    assert fed.value("select status from cdp.order_events") == "invoiced"


def test_a_cleared_run_changes_nothing(fed):
    cancel(fed, an_order(fed))
    fed.feed_run()
    before = fed.digest()

    assert fed.feed_run() == {}
    fed.merge_notified()
    fed.commit()

    assert fed.digest() == before
    assert fed.value("select count(*) from cdp.order_notifications where processed_at is null") == 0


def test_a_cart_is_not_stored_until_it_is_an_order(fed):
    order_id = an_order(fed)
    fed.sandbox.alter("ferreira", order_id, status="payment-pending", isCompleted=False)
    run = fed.feed_run()
    assert (run["skipped"], run["fetched"], held(fed)) == (1, 0, [])

    fed.sandbox.advance(60)
    fed.sandbox.alter("ferreira", order_id, status="payment-approved", isCompleted=True)

    assert fed.feed_run(run="feed__2")["inserted"] == 1


def test_an_order_vtex_does_not_know_is_rejected_with_the_reason_and_stops_no_other(fed):
    truth = sorted(fed.sandbox.truth("ferreira", "2026-11-10", "2026-11-11"))[:9]
    for order_id in truth:
        cancel(fed, order_id)
    for order_id in truth[:8]:
        fed.sandbox.hide("ferreira", order_id, gone=True)

    run = fed.feed_run()

    assert (run["failed"], run["inserted"], held(fed)) == (8, 1, [])
    rejected = fed.rows("select order_id, reason from cdp.rejected_orders")
    assert sorted(row["order_id"] for row in rejected) == truth[:8]
    assert "HTTP 404" in rejected[0]["reason"]


def test_an_order_vtex_cannot_serve_now_waits_for_the_next_run(fed):
    unserved, served = sorted(fed.sandbox.truth("ferreira", "2026-11-10", "2026-11-11"))[:2]
    for order_id in (unserved, served):
        cancel(fed, order_id)
    fed.sandbox.fault("status", status=500, order_id=unserved)

    run = fed.feed_run()
    assert (run["failed"], run["inserted"], run["committed"]) == (1, 1, 1)
    fed.sandbox.heal()

    assert fed.feed_run(run="feed__2")["inserted"] == 1
    assert held(fed) == fed.rows("select * from cdp.rejected_orders where resolved_at is null") == []


def test_an_outage_fails_the_run_and_the_next_one_brings_everything(fed):
    fed.sandbox.advance(6 * HOUR)
    fed.sandbox.fault("status", status=503, route="detail")
    with pytest.raises(VtexUnavailable):
        fed.feed_run()
    assert fed.value("select error from cdp.sync_runs").startswith("ferreira: 4 orders could not be read")
    fed.sandbox.heal()

    run = fed.feed_run(run="feed__2")

    assert run["failed"] == 0
    fed.sandbox.advance(OURS.visibility + 1)
    fed.feed_run(run="feed__3")
    assert held(fed) == []


def test_changes_that_came_before_vtex_failed_are_kept(fed):
    fed.sandbox.advance(DAY)
    fed.sandbox.fault("status", status=503, route="feed", after=4)

    drained = fed.drain()

    # Three polls at once, and one of the next three: VTEX hides for ten minutes what that one brought.
    assert fed.value("select count(*) from cdp.order_notifications") == 40
    assert (feed(fed)["state"], feed(fed)["drained_at"]) == ("failed", datetime.fromisoformat(NOW))
    merged = fed.merge_notified(drained)
    assert merged["fetched"] > 0
    assert fed.value("select count(*) from cdp.order_notifications where processed_at is null") == 0
    with pytest.raises(AirflowFailException, match=r"did not recover \(HTTP 503 .* are merged anyway"):
        fed.commit(merged)
    fed.sandbox.heal()
    fed.feed_run(run="feed__2")
    assert (feed(fed)["state"], feed(fed)["reason"]) == ("active", None)


def test_what_the_hook_brought_is_merged_although_the_feed_fails_and_the_failure_is_seen(fed):
    fed.sandbox.advance(DAY)
    order_id = an_order(fed)
    cancel(fed, order_id)
    fed.db.execute(
        "insert into cdp.order_notifications (tenant_id, order_id, changed_at, state, source) "
        "values (20, %s, %s, 'canceled', 'hook')", (order_id, fed.sandbox.now),
    )  # fmt: skip
    fed.sandbox.fault("status", status=500, route="feed")

    drained = fed.drain()
    merged = fed.merge_notified(drained)

    assert (merged["fetched"], merged["inserted"]) == (1, 1)
    assert fed.value("select status from cdp.order_events where order_id = %s", order_id) == "canceled"
    assert feed(fed)["state"] == "failed"
    with pytest.raises(AirflowFailException, match="HTTP 500 on /api/orders/feed"):
        fed.commit(merged)
    assert fed.value("select status from cdp.sync_runs where batch_id like '%%feed__1'") == "completed"


def test_a_drain_that_did_not_reach_the_end_does_not_say_that_it_did(fed, monkeypatch):
    fed.sandbox.advance(DAY)
    cancel(fed, an_order(fed))
    monkeypatch.setattr(drain, "RECEIVE_SECONDS", -1.0)

    with pytest.raises(AirflowSkipException):
        fed.drain()

    assert feed(fed)["drained_at"] == datetime.fromisoformat(NOW)
    monkeypatch.setattr(drain, "RECEIVE_SECONDS", 60.0)
    fed.drain(run="feed__2")
    assert feed(fed)["drained_at"] == datetime.fromisoformat(NOW) + timedelta(seconds=DAY)


def test_a_feed_that_fails_while_nothing_waits_fails_the_drain(fed):
    fed.sandbox.fault("status", status=500, route="feed")

    with pytest.raises(VtexUnavailable):
        fed.drain()


def test_items_nobody_can_read_are_counted_and_left(fed, capsys):
    order_id = "longer than any" * 20
    fed.put_documents({"orderId": order_id, "status": "canceled", "creationDate": NOW, "lastChange": NOW})
    cancel(fed, sorted(fed.sandbox.truth("ferreira", "2026-11-10", "2026-11-11"))[1])

    fed.feed_run()

    assert [held_id for held_id, *_ in held(fed)] == [order_id]
    assert "1 items of the feed do not say which order changed" in capsys.readouterr().out


# Configuration


def test_the_feed_is_configured_over_every_status_for_as_long_as_vtex_keeps_changes(fed):
    found, _ = at_vtex(fed, lambda client: OrderFeed(client).configuration())

    assert (found.type, found.retention, found.expression) == ("FromWorkflow", 14 * DAY, None)
    assert {"canceled", "invoiced", "payment-approved", "handling"} < set(found.statuses)
    assert (feed(fed)["state"], feed(fed)["configured_at"]) == ("active", datetime.fromisoformat(NOW))


def test_a_feed_vtex_dropped_is_configured_again_and_the_time_between_is_a_gap_until_it_is_asked_for(fed):
    order_id = an_order(fed)
    fed.sync(("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z"), run="known")
    fed.sandbox.advance(HOUR)
    at_vtex(fed, lambda client: OrderFeed(client).delete())
    fed.sandbox.advance(HOUR)
    cancel(fed, order_id)  # nobody reports it
    fed.sandbox.advance(HOUR)

    assert fed.feed_run() == {}

    noon = datetime.fromisoformat(NOW)
    assert [tuple(gap.values()) for gap in open_gaps(fed)] == [(noon, noon + timedelta(hours=3))]
    fed.sync(("2026-11-20T00:00:00Z", "2026-11-20T20:00:00Z"), run="by_hand")
    assert len(open_gaps(fed)) == 1  # a window asked for by hand looks at its own orders only
    fed.sandbox.advance(3 * HOUR)
    window = fed.plan(run_type="scheduled", interval_end=noon + timedelta(hours=6), run="scheduled__1")
    fed.sync(window | {"requests_per_second": FASTEST}, run="scheduled__1")
    assert open_gaps(fed) == []
    assert fed.value("select status from cdp.order_events where order_id = %s", order_id) == "canceled"


def test_an_incremental_run_looks_back_beyond_a_gap_of_the_feed(fed):
    noon = datetime.fromisoformat(NOW)
    fed.db.execute(
        "insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id) "
        "values (20, 'feed', %s, %s, 'failed', 'x')",
        (noon - timedelta(days=5), noon - timedelta(days=2)),
    )

    planned = fed.plan(run_type="scheduled", interval_end=noon)

    assert datetime.fromisoformat(planned["changed_from"]) == noon - timedelta(days=5)
    assert datetime.fromisoformat(planned["listed_from"]) == noon - timedelta(days=5 + 14)
    assert datetime.fromisoformat(planned["window_start"]) == noon - timedelta(days=1)
    assert (
        fed.plan(run_type="scheduled", interval_end=noon - timedelta(days=2, minutes=-4))["changed_from"]
        > (noon - timedelta(days=4)).isoformat()
    )  # the gap's end is not listed yet then


def test_what_expired_before_anybody_drained_it_is_a_gap(fed):
    fed.sandbox.advance(16 * DAY)
    fed.sandbox.alter("ferreira", min(fed.sandbox.truth("ferreira", "2026-11-25", "2026-11-26")), status="canceled")

    fed.drain()

    noon = datetime.fromisoformat(NOW)
    assert [tuple(gap.values()) for gap in open_gaps(fed)] == [(noon, noon + timedelta(days=2))]


def test_a_first_configuration_leaves_no_gap(fed):
    assert open_gaps(fed) == []


def test_an_attempt_that_died_after_vtex_took_the_configuration_is_known_as_ours(shop, monkeypatch):
    shop.sandbox.freeze(NOW)

    async def dies(self):
        raise KeyboardInterrupt

    configuration = OrderFeed.configuration
    answers = [configuration, dies]
    monkeypatch.setattr(OrderFeed, "configuration", lambda self: answers.pop(0)(self))
    with pytest.raises(KeyboardInterrupt):
        shop.drain()
    monkeypatch.setattr(OrderFeed, "configuration", configuration)
    assert feed(shop)["configured_at"] is None

    with pytest.raises(AirflowSkipException, match="nothing changed"):
        shop.drain()

    assert (feed(shop)["state"], feed(shop)["configured_at"]) == ("active", datetime.fromisoformat(NOW))


@pytest.mark.parametrize("filter", ["somebody's own", "the same as ours"])
def test_a_feed_somebody_else_configured_is_neither_read_nor_changed(shop, filter):
    shop.sandbox.freeze(NOW)
    at_vtex(shop, lambda client: OrderFeed(client).configure())
    if filter != "the same as ours":
        at_vtex(shop, lambda client: client.ask("/api/orders/feed/config", bytes, method="POST", body=OTHERS))
    before = shop.sandbox.feed("ferreira")
    cancel(shop, an_order(shop))
    shop.sandbox.clear_log()

    with pytest.raises(AirflowSkipException, match="an app key of its own"):
        shop.drain()

    assert feed(shop)["state"] == "foreign"
    after = shop.sandbox.feed("ferreira")
    assert (after["filter"], after["queue"]) == (before["filter"], before["queue"])
    assert [deliveries for *_, deliveries in after["messages"]] == [0] * len(after["messages"])
    assert shop.sandbox.summary("ferreira")["routes"] == {"feed_config": 1}


def test_the_feed_of_another_key_is_not_ours_however_it_is_configured(fed, monkeypatch):
    key = "vtexappkey-ferreira-OTHER"
    connection = {"conn_type": "http", "host": fed.sandbox.account_url("ferreira"), "login": key}
    connection["password"] = fed.sandbox.credentials("ferreira")[1]
    monkeypatch.setenv("AIRFLOW_CONN_VTEX_FERREIRA", json.dumps(connection))
    at_vtex(fed, lambda client: OrderFeed(client).configure())

    with pytest.raises(AirflowSkipException, match="not by us"):
        fed.drain()


def test_a_feed_is_taken_over_when_somebody_says_so(shop):
    shop.sandbox.freeze(NOW)
    at_vtex(shop, lambda client: client.ask("/api/orders/feed/config", bytes, method="POST", body=OTHERS))

    assert shop.feed_run(take_over=True) == {}

    assert feed(shop)["state"] == "active"
    assert at_vtex(shop, lambda client: OrderFeed(client).configuration())[0].identity() == OURS.identity()


def test_a_key_without_the_role_makes_a_tenant_list_only_until_it_has_it(shop):
    shop.sandbox.open("ferreira", orders_per_day=[18, 24], feed_role=False)
    shop.sandbox.freeze(NOW)

    with pytest.raises(AirflowSkipException, match=r"the role Feed v3 and Hook Admin.*falls back to the order list"):
        shop.drain()
    assert feed(shop)["state"] == "forbidden"
    assert shop.sandbox.summary("ferreira")["requests"] == 1

    shop.sandbox.open("ferreira", orders_per_day=[18, 24])
    assert shop.feed_run() == {}
    assert (feed(shop)["state"], feed(shop)["reason"]) == ("active", None)


def test_a_tenant_whose_sync_is_switched_off_is_skipped_with_the_reason(fed):
    with pytest.raises(AirflowSkipException, match="sync_enabled is false"):
        fed.drain(skip_because="ferreira: sync_enabled is false in cdp.tenants")

    assert fed.sandbox.summary("ferreira")["requests"] == 0


def plan(shop, **form):
    noon = datetime.fromisoformat(NOW)
    form = {"tenants": None, "take_over": None, **form}
    with set_current_context(context(run_after=noon, interval_end=noon, params=form)):
        return plan_feeds.function()


def test_a_run_is_planned_for_those_with_a_feed_one_switched_off_among_them(fed):
    fed.db.execute(
        "insert into cdp.tenants "
        "(tenant_id, tenant_name, slug, vtex_account, go_live_date, feed_enabled, sync_enabled, is_active) values "
        "(1, 'Off', 'off', 'off', '2025-01-01', true, false, true), "
        "(2, 'List', 'list', 'list', '2025-01-01', false, true, true), "
        "(3, 'Gone', 'gone', 'gone', '2025-01-01', true, true, false)"
    )

    planned = {window["tenant"]: window for window in plan(fed)}

    assert set(planned) == {"ferreira", "off"}
    assert planned["ferreira"]["skip_because"] == ""
    assert planned["off"]["skip_because"] == "off: sync_enabled is false in cdp.tenants"
    assert (planned["ferreira"]["window_start"], planned["ferreira"]["window_end"]) == (
        "2026-11-20T11:55:00+00:00", "2026-11-20T12:00:00+00:00",
    )  # fmt: skip
    assert [window["tenant"] for window in plan(fed, tenants=["off"])] == ["off"]
    assert [window["take_over"] for window in plan(fed, take_over=["ferreira"])] == [True, False]


@pytest.mark.parametrize("field", ["tenants", "take_over"])
def test_a_form_that_names_nobody_says_who_there_is(fed, field):
    with pytest.raises(AirflowFailException, match=r"no active tenant is called nobody: .* one of ferreira \(20\)"):
        plan(fed, **{field: ["nobody"]})


# Hook


def notify(shop, order_id, state="canceled", changed_at=NOW):
    shop.db.execute(
        "insert into cdp.order_notifications (tenant_id, order_id, changed_at, state, source) "
        "values (20, %s, %s, %s, 'hook')",
        (order_id, changed_at, state),
    )


def test_what_the_hook_reported_is_read_even_if_the_feed_may_not_be_used(shop):
    shop.sandbox.open("ferreira", orders_per_day=[18, 24], feed_role=False)
    shop.sandbox.freeze(NOW)
    order_id = an_order(shop)
    cancel(shop, order_id)
    notify(shop, order_id)

    run = shop.feed_run()

    assert (run["inserted"], run["committed"]) == (1, 0)
    assert shop.rows("select source, to_state from cdp.order_status_changes") == [
        {"source": "hook", "to_state": "canceled"}
    ]


def test_what_hook_and_feed_both_report_is_one_change_and_one_request(fed):
    order_id = an_order(fed)
    cancel(fed, order_id)
    notify(fed, order_id)

    run = fed.feed_run()

    assert (run["received"], run["new"], run["orders"], len(details(fed))) == (1, 0, 1, 1)
    assert fed.value("select count(*) from cdp.order_status_changes") == 1
    assert held(fed) == []


@pytest.fixture
def with_secret(shop, monkeypatch):
    """The connection holds the hook's secret."""
    key, token = shop.sandbox.credentials("ferreira")
    connection = {
        "conn_type": "http", "host": shop.sandbox.account_url("ferreira"), "login": key, "password": token,
        "extra": {"hook_secret": "a-secret"},
    }  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_VTEX_FERREIRA", json.dumps(connection))
    shop.sandbox.freeze(NOW)


def test_the_secret_of_the_hook_is_not_sent_to_vtex_as_a_header(shop, with_secret):
    async def headers():
        return (await VtexHook("vtex_ferreira", tenant="ferreira").config()).headers

    assert "hook_secret" not in asyncio.run(headers())


def test_an_address_that_does_not_answer_is_said_and_the_feed_goes_on(shop, with_secret, monkeypatch):
    monkeypatch.setenv("CDP_HOOK_URL", "http://127.0.0.1:9/cdp/hook")

    shop.feed_run()

    assert (feed(shop)["state"], feed(shop)["hook_state"]) == ("active", "failed")
    assert "did not answer VTEX's ping with 200" in feed(shop)["hook_reason"]


def test_a_hook_vtex_would_not_talk_about_keeps_nobody_from_the_feed(fed, with_secret, monkeypatch):
    monkeypatch.setenv("CDP_HOOK_URL", "http://127.0.0.1:9/cdp/hook")
    fed.sandbox.fault("status", status=503, route="hook_config")
    cancel(fed, an_order(fed))

    assert fed.feed_run()["inserted"] == 1

    assert (feed(fed)["state"], feed(fed)["hook_state"]) == ("active", "failed")
    assert "VTEX did not recover" in feed(fed)["hook_reason"]


def test_a_hook_that_points_elsewhere_is_left_alone(fed, with_secret, monkeypatch):
    with receiver_of_pings() as elsewhere:
        at_vtex(fed, lambda client: OrderHook(client).configure(HookConfiguration(elsewhere, {})))
    monkeypatch.setenv("CDP_HOOK_URL", "http://127.0.0.1:9/cdp/hook")

    fed.feed_run()

    assert (feed(fed)["state"], feed(fed)["hook_state"]) == ("active", "foreign")
    assert at_vtex(fed, lambda client: OrderHook(client).configuration()).url == elsewhere


def test_a_hook_is_configured_with_the_secret_and_again_once_that_changes(fed, with_secret, monkeypatch):
    with receiver_of_pings() as ours:
        monkeypatch.setenv("CDP_HOOK_URL", ours)
        fed.feed_run()
        first = at_vtex(fed, lambda client: OrderHook(client).configuration())
        at_vtex(fed, lambda client: OrderHook(client).configure(HookConfiguration(first.url, {HOOK_HEADER: "old"})))
        fed.feed_run(run="feed__2")

    assert first == HookConfiguration(f"{ours}/ferreira", {HOOK_HEADER: "a-secret"})
    assert at_vtex(fed, lambda client: OrderHook(client).configuration()) == first
    assert feed(fed)["hook_state"] == "active"


@contextmanager
def receiver_of_pings():
    """Yield an address that answers 200 to every request."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


# Alarm


def check(windows=(), **states):
    """Run ``check_feeds`` after shops' tasks ended in these states."""
    ended = [{"task_id": "drain", "map_index": number, "state": state} for number, state in enumerate(states.values())]
    check_feeds.function(windows, ti=SimpleNamespace(dag_id="d", run_id="r", get_task_breadcrumbs=lambda *run: ended))


def planned(*shops, skipped=()):
    return [{"tenant": shop, "skip_because": "off" if shop in skipped else ""} for shop in shops]


def test_one_shop_that_failed_does_not_fail_the_run_and_all_do(fed):
    check(planned("ferreira", "petbaar"), ferreira="failed", petbaar="skipped")
    check(planned("ferreira", "petbaar"), ferreira="upstream_failed", petbaar="success")

    with pytest.raises(AirflowFailException, match=r"every shop failed.*: ferreira, petbaar"):
        check(planned("ferreira", "petbaar"), ferreira="failed", petbaar="upstream_failed")


def test_a_shop_that_is_switched_off_hides_no_failure_of_all_others(fed):
    check(planned("ferreira", skipped=["ferreira"]), ferreira="skipped")

    with pytest.raises(AirflowFailException, match=r"every shop failed.*: petbaar"):
        check(planned("ferreira", "petbaar", skipped=["ferreira"]), ferreira="skipped", petbaar="failed")


def test_a_plan_that_failed_fails_the_run(fed):
    with pytest.raises(AirflowFailException, match="plan failed"):
        check(None)


def test_a_feed_half_way_to_dropping_changes_fails_a_task_that_names_the_shop(fed):
    check()
    fed.db.execute("update cdp.order_feeds set oldest_seconds = 7 * 86400 + 1")

    with pytest.raises(AirflowFailException, match=r"more than half of that is over: ferreira \(active\)"):
        check()


def test_a_feed_that_cannot_be_drained_for_a_week_fails_it_too(fed):
    fed.db.execute(
        "update cdp.order_feeds set state = 'failed', reason = 'HTTP 503', drained_at = %s", (fed.sandbox.now,)
    )
    fed.sandbox.advance(7 * DAY)
    check()
    fed.sandbox.advance(1)

    with pytest.raises(AirflowFailException, match=r"ferreira \(HTTP 503\)"):
        check()


# At length


def test_thousands_of_events_with_duplicates_cost_one_request_for_each_order(fed):
    fed.sandbox.open("ferreira", orders_per_day=[60, 60], feed_short_polls=0.2)
    fed.db.execute("delete from cdp.order_feeds")
    fed.feed_run(run="second")
    made = fed.sandbox.replay("ferreira", "2026-11-12", "2026-11-20", duplicates=0.3, most=2000)
    assert made["messages"] > 2400
    fed.sandbox.clear_log()

    run = fed.feed_run()

    assert (run["received"], run["new"], run["committed"]) == (made["messages"], made["changes"], made["messages"])
    assert len(details(fed)) == len(set(details(fed))) == made["orders"]
    assert fed.value("select count(*) from cdp.order_status_changes") == made["changes"] > 1900
    assert held(fed) == []
