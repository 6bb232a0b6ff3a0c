"""Feed and hook of the pretend VTEX behave like the real ones."""

import json
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.unit.test_sandbox import NOW
from vtex_sandbox.scenario import Account, Scenario
from vtex_sandbox.testing import running_sandbox

CONFIG, FEED, HOOK = "/api/orders/feed/config", "/api/orders/feed", "/api/orders/hook/config"
DAY = 86_400
OTHER = "vtexappkey-tienda-OTHER"
EVERYTHING = {"type": "FromWorkflow", "status": []}


class Shop:
    def __init__(self, sandbox):
        self.sandbox = sandbox

    def ask(self, method, path, body=None, *, key=None, **query):
        ours, token = self.sandbox.credentials("tienda")
        headers = {"X-VTEX-API-AppKey": key or ours, "X-VTEX-API-AppToken": token}
        url = self.sandbox.account_url("tienda") + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(url, data=data, headers=headers, method=method), timeout=20) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except HTTPError as error:
            return error.code, json.loads(error.read()) if "json" in error.headers["Content-Type"] else None

    def configure(self, rule=EVERYTHING, *, visibility=240, retention=345_600, key=None):
        queue = {"visibilityTimeoutInSeconds": visibility, "MessageRetentionPeriodInSeconds": retention}
        return self.ask("POST", CONFIG, {"filter": rule, "queue": queue}, key=key)[0]

    def poll(self, maxlot=10, key=None):
        status, items = self.ask("GET", FEED, key=key, maxlot=maxlot)
        assert status == 200, items
        return items

    def drain(self, polls=200):
        items = []
        for _ in range(polls):
            items += self.poll()
        return items

    def held(self):
        return self.sandbox.feed("tienda")

    def some_order(self):
        return next(iter(self.sandbox.truth("tienda", "2026-11-10", "2026-11-11")))


@pytest.fixture(scope="module")
def process():
    with running_sandbox(Scenario(accounts={"tienda": Account()})) as sandbox:
        yield sandbox


@pytest.fixture
def shop(process):
    """A shop with sixty orders a day; polls hold nothing back, and there are no duplicates."""
    process.heal()
    process.open("tienda", orders_per_day=[60, 60], feed_short_polls=0.0, feed_duplicates=0.0)
    process.freeze(NOW)
    return Shop(process)


def changes(items):
    return {(item["orderId"], item["state"], item["currentChange"]) for item in items}


def test_without_a_configuration_there_is_no_feed(shop):
    assert [shop.ask("GET", CONFIG)[0], shop.ask("GET", FEED, maxlot=10)[0]] == [404, 404]


def test_the_configuration_is_shown_as_it_was_given_and_how_much_the_queue_holds(shop):
    assert shop.configure({"type": "FromWorkflow", "status": ["invoiced"]}, visibility=250) == 200
    shop.sandbox.advance(DAY)

    status, found = shop.ask("GET", CONFIG)

    assert status == 200
    assert found["filter"] == {"type": "FromWorkflow", "status": ["invoiced"]}
    assert found["queue"] == {"visibilityTimeoutInSeconds": 250, "messageRetentionPeriodInSeconds": 345_600}
    assert found["quantity"] == len(shop.held()["messages"]) > 20
    assert DAY / 2 < found["approximateAgeOfOldestMessageInSeconds"] <= DAY


def test_the_two_kinds_of_filter_cannot_be_mixed(shop):
    assert shop.configure({"type": "FromWorkflow", "status": ["invoiced"], "expression": "value > 1"}) == 409


@pytest.mark.parametrize("retention", [345_599, 1_209_601])
def test_a_retention_out_of_bounds_is_refused(shop, retention):
    assert shop.configure(retention=retention) == 400


def test_a_feed_reports_what_changes_after_it_was_configured_and_no_more(shop):
    shop.configure()
    assert shop.poll() == []

    shop.sandbox.advance(6 * 3600)
    items = shop.drain()

    assert len(items) > 60
    assert all("2026-11-20T12:00:00" < item["currentChange"] <= "2026-11-20T18:00:00" for item in items)
    assert set(items[0]) == {
        "eventId", "handle", "domain", "state", "lastState", "orderId", "lastChange", "currentChange",
    }  # fmt: skip
    assert all(item["lastChange"] < item["currentChange"] for item in items if item["lastState"])


def test_an_order_is_served_as_the_feed_says_before_the_list_shows_it(shop):
    order_id = shop.some_order()
    shop.configure()
    shop.sandbox.alter("tienda", order_id, lag=3600, status="canceled")

    (item,) = shop.poll()

    assert (item["orderId"], item["state"]) == (order_id, "canceled")
    assert shop.ask("GET", f"/api/oms/pvt/orders/{order_id}")[1]["status"] == "canceled"


def test_a_change_that_leaves_the_status_is_reported_from_orders_and_not_from_workflow(shop):
    order_id = shop.some_order()
    shop.configure()
    shop.configure({"type": "FromOrders", "expression": "", "disableSingleFire": True}, key=OTHER)

    shop.sandbox.alter("tienda", order_id, followUpEmail="x@ct.vtex.com.br")

    assert shop.poll() == []
    assert [item["orderId"] for item in shop.poll(key=OTHER)] == [order_id]


def test_single_fire_reports_each_order_once_ever(shop):
    order_id = shop.some_order()
    shop.configure({"type": "FromOrders", "expression": "", "disableSingleFire": False})

    for status in ("handling", "invoiced"):
        shop.sandbox.alter("tienda", order_id, status=status)

    assert [item["state"] for item in shop.drain(5)] == ["handling"]


def test_an_expression_decides_by_the_document(shop):
    order_id = shop.some_order()
    shop.configure({"type": "FromOrders", "expression": 'status = "canceled"', "disableSingleFire": True})

    for status in ("handling", "canceled"):
        shop.sandbox.alter("tienda", order_id, status=status)
        shop.poll()

    assert [state for _, state, _ in shop.held()["messages"]] == ["canceled"]


def test_a_misspelt_status_makes_a_silent_feed(shop):
    assert shop.configure({"type": "FromWorkflow", "status": ["cancelled"]}) == 200
    shop.sandbox.advance(DAY)

    assert shop.drain(3) == []


def test_a_poll_needs_a_lot_and_gives_ten_at_most(shop):
    shop.configure()
    shop.sandbox.advance(DAY)

    assert shop.ask("GET", FEED)[0] == 400
    assert len(shop.poll(maxlot=50)) == 10


def test_items_come_in_no_order(shop):
    shop.configure()
    shop.sandbox.advance(6 * 3600)

    moments = [item["currentChange"] for item in shop.drain()]

    assert moments != sorted(moments)


def test_some_polls_hold_back_what_there_is(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], feed_short_polls=0.5, feed_duplicates=0.0)
    shop.configure()
    shop.sandbox.advance(DAY)

    sizes = {len(shop.poll()) for _ in range(30)}

    assert 10 in sizes
    assert min(sizes) < 5


def test_some_changes_come_as_two_messages_of_one_event(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], feed_short_polls=0.0, feed_duplicates=0.3)
    shop.configure()
    shop.sandbox.advance(DAY)

    items = shop.drain()

    assert len(changes(items)) < len(items)
    assert len({item["eventId"] for item in items}) == len(changes(items))


def test_what_is_not_committed_comes_again_with_another_handle_once_its_time_is_over(shop):
    order_id = shop.some_order()
    shop.configure(visibility=240)
    shop.sandbox.alter("tienda", order_id, status="canceled")
    (first,) = shop.poll()

    shop.sandbox.advance(239)
    assert shop.poll() == []
    shop.sandbox.advance(2)
    (again,) = [item for item in shop.poll() if item["orderId"] == order_id]

    assert changes([first]) == changes([again])
    assert first["handle"] != again["handle"]


def test_what_is_committed_is_gone_and_an_old_or_unknown_handle_does_nothing(shop):
    order_id = shop.some_order()
    shop.configure(visibility=240)
    shop.sandbox.alter("tienda", order_id, status="canceled")
    (first,) = shop.poll()
    shop.sandbox.advance(241)
    again = next(item for item in shop.poll() if item["orderId"] == order_id)

    assert shop.ask("POST", FEED, {"handles": [first["handle"], "unknown"]})[0] == 200
    assert shop.held()["committed"] == 0
    assert shop.ask("POST", FEED, {"handles": [again["handle"]]})[0] == 200
    assert shop.held()["committed"] == 1
    assert shop.ask("POST", FEED, {"handle": "x"})[0] == 400


def test_each_app_key_has_a_queue_of_its_own(shop):
    shop.configure()
    shop.configure(key=OTHER)
    shop.sandbox.alter("tienda", shop.some_order(), status="canceled")

    (ours,), (theirs,) = shop.poll(), shop.poll(key=OTHER)
    shop.ask("POST", FEED, {"handles": [theirs["handle"]]}, key=OTHER)

    assert changes([ours]) == changes([theirs])
    assert len(shop.held()["messages"]) == 1


def test_reconfiguring_keeps_what_the_queue_holds_and_deleting_does_not(shop):
    shop.configure()
    shop.sandbox.alter("tienda", shop.some_order(), status="canceled")
    shop.configure({"type": "FromWorkflow", "status": ["invoiced"]})
    assert shop.ask("GET", CONFIG)[1]["quantity"] == 1

    assert shop.ask("DELETE", CONFIG)[0] == 200

    assert shop.ask("GET", CONFIG)[0] == 404
    shop.configure()
    assert shop.ask("GET", CONFIG)[1]["quantity"] == 0


def test_a_message_older_than_the_retention_is_dropped(shop):
    shop.configure(retention=345_600)
    shop.sandbox.advance(5 * DAY)

    found = shop.held()

    assert found["approximateAgeOfOldestMessageInSeconds"] <= 345_600
    assert found["dropped"] > 60


def test_a_message_delivered_a_hundred_times_is_dropped(shop):
    shop.configure({"type": "FromWorkflow", "status": ["canceled"]}, visibility=1)
    shop.sandbox.alter("tienda", shop.some_order(), status="canceled")

    delivered = 0
    for _ in range(101):
        delivered += len(shop.poll())
        shop.sandbox.advance(1.1)

    assert delivered == 100
    assert shop.held()["dropped"] == 1


def test_a_feed_in_which_nothing_happens_for_its_retention_is_removed(shop):
    shop.configure({"type": "FromWorkflow", "status": ["cancelled"]})

    shop.sandbox.advance(345_600)
    assert shop.ask("GET", CONFIG)[0] == 200
    shop.sandbox.advance(1)

    assert shop.ask("GET", CONFIG)[0] == 404


def test_a_key_without_the_role_is_refused(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], feed_role=False)

    assert [shop.ask("GET", path, maxlot=1)[0] for path in (CONFIG, FEED, HOOK)] == [403] * 3
    assert shop.ask("GET", "/api/oms/pvt/orders")[0] == 200


def test_faults_strike_feed_and_commit_too(shop):
    shop.configure()
    shop.sandbox.fault("status", route="feed", status=503, count=1)
    shop.sandbox.fault("status", route="commit", status=500, count=1)

    assert shop.ask("GET", FEED, maxlot=10)[0] == 503
    assert shop.ask("POST", FEED, {"handles": []})[0] == 500
    assert shop.ask("POST", FEED, {"handles": []})[0] == 200


def test_what_happened_can_be_put_into_the_feed_once_more(shop):
    shop.configure()

    made = shop.sandbox.replay("tienda", "2026-11-10", "2026-11-12", duplicates=0.3)

    assert made["messages"] == len(shop.held()["messages"]) > made["changes"] > made["orders"] > 60


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield SimpleNamespace(server=server, url=f"http://127.0.0.1:{server.server_port}/orders")
    server.shutdown()
    thread.join()
    server.server_close()


def hook(url, **headers):
    return {"filter": EVERYTHING, "hook": {"url": url, "headers": headers}}


def until(condition, seconds=60):
    done = threading.Event()
    for _ in range(seconds * 20):
        if condition():
            return
        done.wait(0.05)
    raise AssertionError("it never came true")


def test_a_hook_is_pinged_when_it_is_saved_and_shown_afterwards(shop, receiver):
    assert shop.ask("GET", HOOK)[0] == 404

    assert shop.ask("POST", HOOK, hook(receiver.url, key="value"))[0] == 200

    ((headers, body),) = receiver.server.got
    assert (body, headers["key"]) == ({"hookConfig": "ping"}, "value")
    assert shop.ask("GET", HOOK)[1]["hook"] == {"url": receiver.url, "headers": {"key": "value"}}


def test_a_hook_whose_ping_is_not_answered_with_200_is_not_saved(shop, receiver):
    receiver.server.answers = [401]

    assert shop.ask("POST", HOOK, hook(receiver.url))[0] == 400
    assert shop.ask("POST", HOOK, hook("http://127.0.0.1:9/nobody"))[0] == 400
    assert shop.ask("GET", HOOK)[0] == 404


def test_a_change_is_posted_in_pascal_case_with_the_headers_configured(shop, receiver):
    order_id = shop.some_order()
    shop.ask("POST", HOOK, hook(receiver.url, secret="s"))
    shop.sandbox.alter("tienda", order_id, status="canceled")

    until(lambda: len(receiver.server.got) == 2)

    headers, body = receiver.server.got[1]
    assert headers["secret"] == "s"
    assert set(body) == {"Domain", "OrderId", "State", "LastState", "LastChange", "CurrentChange", "Origin"}
    assert (body["OrderId"], body["State"]) == (order_id, "canceled")
    assert body["Origin"] == {"Account": "tienda", "Key": shop.sandbox.credentials("tienda")[0]}
    assert datetime.fromisoformat(body["CurrentChange"]) == datetime.fromisoformat(NOW)
    until(lambda: shop.sandbox.deliveries("tienda")["acknowledged"] == 1)


def test_what_is_not_acknowledged_is_posted_again_after_growing_pauses(shop, receiver):
    shop.ask("POST", HOOK, hook(receiver.url))
    receiver.server.answers = [500, 503]
    shop.sandbox.alter("tienda", shop.some_order(), status="canceled")
    counts = []

    for pause in (0, 1.1, 1.1, 1.1):
        shop.sandbox.advance(pause)
        until(lambda: shop.sandbox.deliveries("tienda")["sent"] > 0)
        threading.Event().wait(0.4)
        counts.append(len(receiver.server.got) - 1)

    assert counts == [1, 2, 2, 3]  # after one second, then after two
    assert shop.sandbox.deliveries("tienda") == {"sent": 3, "acknowledged": 1, "waiting": 0, "dropped": 0}


def test_a_hook_without_a_notification_for_three_days_is_removed(shop, receiver):
    body = hook(receiver.url) | {"filter": {"type": "FromWorkflow", "status": ["cancelled"]}}
    shop.ask("POST", HOOK, body)

    shop.sandbox.advance(3 * DAY + 1)

    assert shop.ask("GET", HOOK)[0] == 404


def test_plain_http_is_refused_where_vtex_would(receiver):
    with running_sandbox(Scenario(accounts={"tienda": Account()}, hook_https_only=True)) as sandbox:
        status, answer = Shop(sandbox).ask("POST", HOOK, hook(receiver.url))

    assert (status, receiver.server.got) == (400, [])
    assert "Only https scheme is accepted" in answer["error"]["message"]
