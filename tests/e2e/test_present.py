"""The present, through the scheduler: changes at VTEX are stored a run later, by feed and by hook."""

import httpx
import pytest

from tests.e2e.conftest import between_drains, until
from tests.e2e.test_make_up import set_token
from tests.e2e.test_past import outcome, run

pytestmark = pytest.mark.timeout(1200)

FERREIRA, BERCOVICH = 20, 19
FED = ["bercovich_sa", "ferreira"]


@pytest.fixture(scope="module")
def fed(stack):
    """Ferreira's feed and hook are configured; Bercovich's key lacks the role."""
    stack.execute("update cdp.tenants set feed_enabled = true where slug = any(%s)", FED)
    state, tasks = outcome(stack, "cdp_order_feed", run(stack, "cdp_order_feed"))
    assert (state, {name for task, name in tasks if task == "drain"}) == ("success", set(FED))
    yield stack
    stack.execute("update cdp.tenants set feed_enabled = false")


def cancel_an_order(stack):
    (order_id,) = stack.rows(
        "select order_id from cdp.order_events where tenant_id = %s and status <> 'canceled' "
        "order by order_date desc limit 1",
        FERREIRA,
    )[0]
    body = {"orderId": order_id, "fields": {"status": "canceled"}, "lag": 3600}
    httpx.post(f"{stack.sandbox}/_sandbox/ferreira/alter", json=body, trust_env=False).raise_for_status()
    return order_id


def status(stack, order_id):
    ((found,),) = stack.rows(
        "select status from cdp.order_events where tenant_id = %s and order_id = %s", FERREIRA, order_id
    )
    return found


def reported(stack, order_id):
    return stack.rows(
        "select source from cdp.order_notifications where tenant_id = %s and order_id = %s and state = 'canceled'",
        FERREIRA, order_id,
    )  # fmt: skip


def test_where_each_feed_stands_can_be_read(fed):
    feeds = dict(fed.rows("select tenant_id, (state, hook_state)::text from cdp.order_feeds"))

    assert {tenant_id: feeds[tenant_id] for tenant_id in (FERREIRA, BERCOVICH)} == {
        FERREIRA: "(active,active)",
        BERCOVICH: "(forbidden,off)",
    }


def test_a_change_is_reported_by_the_hook_within_seconds_and_stored_by_the_next_run(fed, page, screenshots):
    between_drains(fed)
    order_id = cancel_an_order(fed)

    until(lambda: reported(fed, order_id), "the hook endpoint received it", seconds=60)
    run_id = run(fed, "cdp_order_feed")
    state, tasks = outcome(fed, "cdp_order_feed", run_id)

    page.goto(f"/dags/cdp_order_feed/runs/{run_id}")
    page.get_by_text("Task Instances").first.wait_for()
    page.screenshot(path=screenshots / "feed.png")
    assert (state, status(fed, order_id)) == ("success", "canceled")
    steps = ("drain", "fetch", "stage", "merge", "commit")
    assert {tasks[step, "ferreira"] for step in steps} == {"success"}
    assert tasks["drain", "bercovich_sa"] == "skipped"
    feed = httpx.get(f"{fed.sandbox}/_sandbox/ferreira/feed", trust_env=False).json()
    assert order_id not in {message[0] for message in feed["messages"]}


def test_without_the_hook_the_feed_is_enough(fed):
    between_drains(fed)
    headers = {"X-VTEX-API-AppKey": "vtexappkey-ferreira-SANDBX", "X-VTEX-API-AppToken": "sandbox-token-ferreira"}
    url = f"{fed.sandbox}/ferreira/api/orders/hook/config"
    httpx.delete(url, headers=headers, trust_env=False).raise_for_status()
    order_id = cancel_an_order(fed)

    state, _ = outcome(fed, "cdp_order_feed", run(fed, "cdp_order_feed", tenants=["ferreira"]))

    assert (state, status(fed, order_id), reported(fed, order_id)) == ("success", "canceled", [("feed",)])


def test_a_shop_whose_key_is_wrong_is_red_in_a_green_run_and_alone_it_fails_the_run(fed):
    set_token(fed, "ferreira", "wrong")
    try:
        state, tasks = outcome(fed, "cdp_order_feed", run(fed, "cdp_order_feed"))
        assert (state, tasks["drain", "ferreira"], tasks["drain", "bercovich_sa"]) == ("success", "failed", "skipped")
        ((feed, reason),) = fed.rows("select state, reason from cdp.order_feeds where tenant_id = %s", FERREIRA)
        assert feed == "failed"
        assert "does not accept the key in connection vtex_ferreira" in reason

        state, tasks = outcome(fed, "cdp_order_feed", run(fed, "cdp_order_feed", tenants=["ferreira"]))
        assert (state, tasks["check_feeds", None]) == ("failed", "failed")
    finally:
        set_token(fed, "ferreira", "sandbox-token-ferreira")


@pytest.mark.parametrize(
    ("path", "headers", "body", "status_code"),
    [
        ("ferreira", {"X-CDP-Hook-Secret": "wrong"}, "{}", 401),
        ("ferreira", {}, "{}", 401),
        ("ferreira", {"X-CDP-Hook-Secret": "sandbox-hook-ferreira"}, "{}", 400),
        ("ferreira", {"X-CDP-Hook-Secret": "sandbox-hook-ferreira"}, '{"hookConfig": "ping"}', 200),
    ],
)
def test_the_endpoint_answers_in_airflows_api_server_without_a_login(fed, path, headers, body, status_code):
    answer = httpx.post(f"{fed.ui}/cdp/hook/{path}", headers=headers, content=body, trust_env=False)

    assert answer.status_code == status_code
