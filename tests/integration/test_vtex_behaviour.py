"""VTEX on a bad day, and the results the client must still reach."""

import asyncio

import pytest
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.hooks.vtex import VtexHook
from cdp_sync.sync_types import INCREMENTAL
from cdp_sync.vtex import client as client_module
from cdp_sync.vtex import listing as listing_module
from cdp_sync.vtex.errors import (
    VtexListingIncomplete,
    VtexNotFound,
    VtexUnauthorized,
    VtexUnavailable,
    VtexUnreadable,
)
from cdp_sync.vtex.listing import list_orders
from cdp_sync.vtex.pacing import FASTEST
from cdp_sync.windows import Window

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Backoff that takes no time; waits are tested with a clock of their own."""
    monkeypatch.setattr(client_module, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(listing_module, "PASS_PAUSE_SECONDS", 0.001)


@pytest.fixture
def ask(shop):
    """Run a coroutine function with a client of Ferreira's."""
    shop.sandbox.freeze(NOW)

    def run(question, requests_per_second=FASTEST):
        async def session():
            hook = VtexHook("vtex_ferreira", tenant="ferreira")
            async with hook.client(
                sync_type=INCREMENTAL, concurrency=8, requests_per_second=requests_per_second
            ) as client:
                return await question(client)

        return asyncio.run(session())

    return run


def an_order(shop):
    return min(order_id for order_id in shop.sandbox.truth("ferreira", *DAY) if order_id.startswith("v"))


async def ids(client, window=DAY, page_size=50):
    found = []
    async for page in list_orders(client, Window.parse(*window), date_field="creationDate", page_size=page_size):
        found += [row.order_id for row in page]
    return found


def listed(shop, window=DAY):
    return {order_id for order_id, order in shop.sandbox.truth("ferreira", *window).items() if order["isCompleted"]}


@pytest.mark.parametrize("fault", ["reset", "truncate", "cut_json", "html"])
def test_a_broken_answer_is_asked_for_again(shop, ask, fault):
    order_id = an_order(shop)
    shop.sandbox.fault(fault, count=2)

    document = ask(lambda client: client.order(order_id))

    assert order_id.encode() in document.body
    assert shop.sandbox.summary("ferreira")["requests"] == 3


def test_a_request_that_is_reset_is_sent_again_by_us_alone_counted_and_paced(shop, ask):
    shop.sandbox.fault("reset")

    async def once(client):
        with pytest.raises(VtexUnavailable, match="ferreira: vtex_ferreira cannot reach VTEX"):
            await client.order("v1x-01")
        return client.requests

    assert ask(once) == client_module.ATTEMPTS == shop.sandbox.summary("ferreira")["requests"]


def test_a_run_counts_every_request_that_vtex_received_resets_too(shop):
    shop.sandbox.freeze(NOW)
    shop.sandbox.fault("reset", probability=0.3)

    counts = shop.sync(DAY)

    received = shop.sandbox.summary("ferreira")
    assert counts["staged"] == counts["fetched"] > 0
    assert received["statuses"]["0"] > 10
    assert shop.value("select requests from cdp.sync_runs") == received["requests"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_asked_again(shop, ask, status):
    order_id = an_order(shop)
    shop.sandbox.fault("status", status=status, count=3)

    assert ask(lambda client: client.order(order_id)).body


def test_a_401_in_mid_run_is_asked_again_since_the_key_worked_before(shop, ask):
    order_id = an_order(shop)
    shop.sandbox.fault("status", status=401, count=2, after=1)

    async def twice(client):
        await client.order(order_id)
        return await client.order(order_id)

    assert ask(twice).body


def test_a_401_at_the_very_first_is_asked_again_a_few_times_since_a_valid_key_meets_it_too(shop, ask):
    order_id = an_order(shop)
    shop.sandbox.fault("status", status=401, count=2)

    async def once(client):
        return await client.order(order_id)

    assert ask(once).body


def test_a_wrong_key_is_known_after_three_requests(shop, ask):
    order_id = an_order(shop)
    shop.sandbox.clear_log()
    shop.sandbox.fault("status", status=401)

    async def once(client):
        return await client.order(order_id)

    with pytest.raises(VtexUnauthorized):
        ask(once)
    assert shop.sandbox.summary("ferreira")["statuses"] == {"401": 3}


def test_a_401_that_stays_is_not_asked_for_ever(shop, ask):
    order_id = an_order(shop)
    shop.sandbox.fault("status", status=401, after=1)

    async def twice(client):
        await client.order(order_id)
        return await client.order(order_id)

    with pytest.raises(VtexUnauthorized):
        ask(twice)
    assert shop.sandbox.summary("ferreira")["requests"] == 6


def test_a_missing_order_is_not_asked_again(shop, ask):
    with pytest.raises(VtexNotFound, match=r"ferreira: .*HTTP 404 on /api/oms/pvt/orders/v1x-01"):
        ask(lambda client: client.order("v1x-01"))
    assert shop.sandbox.summary("ferreira")["requests"] == 1


def test_an_outage_ends_in_an_error_after_a_bounded_number_of_requests(shop, ask):
    shop.sandbox.fault("status", status=503)

    with pytest.raises(VtexUnavailable, match="HTTP 503"):
        ask(lambda client: client.order("v1x-01"))
    assert shop.sandbox.summary("ferreira")["requests"] == client_module.ATTEMPTS


@pytest.mark.parametrize("fault", ["html", "oversize"])
def test_an_unreadable_answer_is_an_error_that_never_shows_the_body(shop, ask, fault):
    order_id = an_order(shop)
    shop.sandbox.fault(fault)

    with pytest.raises(VtexUnreadable) as failure:
        ask(lambda client: client.order(order_id))

    assert "Estamos" not in str(failure.value)
    assert (failure.value.status, failure.value.tenant) == (200, "ferreira")
    assert order_id in failure.value.path


def test_a_429_stops_the_whole_task_for_as_long_as_vtex_says(shop, ask):
    order_id = an_order(shop)
    shop.sandbox.fault("status", status=429, retry_after=1, count=1)

    async def eight(client):
        await asyncio.gather(*(client.order(order_id) for _ in range(8)))
        return client.pace.throttled

    assert ask(eight, requests_per_second=100) == 1
    times = [(entry["time"], entry["status"]) for entry in shop.sandbox.log("ferreira")]
    refused = next(time for time, status in times if status == 429)
    assert [round(time - refused, 1) for time, _ in times if refused + 0.5 < time < refused + 0.95] == []


def test_a_pace_below_the_accounts_limit_meets_no_429(shop, ask):
    # The benchmark measures the share of a limit that can be used; this holds on a busy machine too.
    shop.sandbox.open("ferreira", requests_per_second=100, burst=40)
    order_id = an_order(shop)

    async def many(client):
        await asyncio.gather(*(client.order(order_id) for _ in range(200)))
        return client.pace.throttled

    assert ask(many, requests_per_second=80) == 0
    assert shop.sandbox.summary("ferreira")["statuses"] == {"200": 200}


@pytest.mark.parametrize("order_id", ["MLB-Tiendas_Sur-2509500001", "GPA-Pedido 2509500001/7", "ñandú?x=1#y"])
def test_any_order_id_survives_the_path(shop, ask, order_id):
    body = b'{"orderId":"%b","creationDate":"2026-11-10T12:00:00Z"}' % order_id.encode()
    body = body[:-1] + (
        b',"lastChange":"2026-11-10T12:00:00Z","value":1,"status":"x","sequence":"1","salesChannel":"1",'
        b'"affiliateId":"","origin":"Marketplace"}'
    )
    shop.sandbox.put("ferreira", body)

    assert ask(lambda client: client.order(order_id)).body == body


def test_a_list_beyond_page_30_is_halved_until_every_order_is_seen(shop, ask):
    shop.sandbox.open("ferreira", orders_per_day=[400, 400])

    found = ask(lambda client: ids(client, page_size=5))

    assert set(found) == listed(shop)
    assert all(entry["status"] == 200 for entry in shop.sandbox.log("ferreira"))


def test_halves_share_their_edge_so_no_order_falls_between_them(shop, ask):
    shop.sandbox.open("ferreira", orders_per_day=[0, 0])
    noon = [f"11:59:59.9995{number:02d}0" for number in range(10)] + [
        f"12:00:00.00{number:02d}000" for number in range(10)
    ]
    morning = [f"06:{number:02d}:00.0000000" for number in range(20)]
    for number, time in enumerate(morning + noon):  # VTEX's filter knows whole milliseconds
        shop.put_documents(
            {
                "orderId": f"edge-{number}",
                "creationDate": f"2026-11-10T{time}Z",
                "lastChange": "2026-11-10T12:00:01Z",
                "value": 1,
                "status": "handling",
                "sequence": "1",
                "salesChannel": "1",
                "affiliateId": "",
                "origin": "Marketplace",
            }
        )

    found = ask(lambda client: ids(client, page_size=1))

    assert set(found) == {f"edge-{number}" for number in range(40)}


def test_rows_that_move_between_pages_are_found_by_another_pass(shop, ask):
    shop.sandbox.fault("drift", route="list", count=2)

    found = ask(lambda client: ids(client, page_size=10))

    assert set(found) == listed(shop)


def test_a_total_that_lies_once_is_asked_again(shop, ask):
    shop.sandbox.fault("total_lie", route="list", count=1)

    assert set(ask(ids)) == listed(shop)


def test_a_total_never_reached_is_an_error_that_gives_the_counts(shop, ask):
    shop.sandbox.fault("total_lie", route="list", extra=3)

    with pytest.raises(VtexListingIncomplete, match=rf"listed {len(listed(shop))} of {len(listed(shop)) + 3} orders"):
        ask(ids)


def test_a_page_that_repeats_for_ever_is_an_error_not_a_loop(shop, ask):
    shop.sandbox.fault("repeat_page", route="list")

    with pytest.raises(VtexListingIncomplete, match="page 2 repeats page 1"):
        ask(lambda client: ids(client, page_size=10))
    assert shop.sandbox.summary("ferreira")["requests"] == 2 * listing_module.PASSES


def test_a_shop_whose_orders_cannot_be_read_fails_its_task_not_its_data(shop):
    shop.sandbox.freeze(NOW)
    shop.sandbox.fault("status", status=404, route="detail")

    with pytest.raises(VtexUnavailable, match="orders could not be read"):
        shop.fetch(DAY)

    assert shop.value("select status from cdp.sync_runs") == "failed"
    assert shop.value("select status from cdp.sync_checkpoints") == "failed"


def test_noise_of_every_kind_loses_no_order(shop):
    shop.sandbox.freeze(NOW)
    for fault in ("reset", "truncate", "cut_json", "html"):
        shop.sandbox.fault(fault, probability=0.03)
    shop.sandbox.fault("status", status=503, probability=0.03)
    shop.sandbox.fault("status", status=401, probability=0.02, after=3)
    shop.sandbox.fault("drift", route="list", probability=0.2)

    shop.sync(DAY)

    stored = {row["order_id"] for row in shop.rows("select order_id from cdp.order_events")}
    assert stored == listed(shop)


def test_the_two_headers_are_sent_and_no_other_credential(shop, ask):
    async def headers(client):
        return dict(client._session.headers)

    sent = ask(headers)

    assert {name for name in sent if "VTEX" in name} == {"X-VTEX-API-AppKey", "X-VTEX-API-AppToken"}
    assert "Authorization" not in sent


def test_a_tenant_without_a_connection_fails_at_once_and_says_what_to_do(shop, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_VTEX_FERREIRA")

    with pytest.raises(AirflowFailException, match="ferreira: connection vtex_ferreira does not exist; create it"):
        shop.fetch(DAY)


def test_a_connection_without_a_key_fails_at_once(shop, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_VTEX_FERREIRA", '{"conn_type": "http", "host": "ferreira"}')

    with pytest.raises(AirflowFailException, match="connection vtex_ferreira has no app key"):
        shop.fetch(DAY)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("petbaar", "https://petbaar.vtexcommercestable.com.br"),
        ("petbaar.myvtex.com", "https://petbaar.myvtex.com"),
        ("petbaar.vtexcommercestable.com.br", "https://petbaar.vtexcommercestable.com.br"),
        ("http://127.0.0.1:8085/petbaar", "http://127.0.0.1:8085/petbaar"),
    ],
)
def test_a_connection_may_name_the_account_or_a_url(monkeypatch, host, url):
    import json

    connection = {"conn_type": "http", "host": host, "login": "key", "password": "token"}
    monkeypatch.setenv("AIRFLOW_CONN_VTEX_PETBAAR", json.dumps(connection))

    config = asyncio.run(VtexHook("vtex_petbaar", tenant="petbaar").config())

    assert config.base_url == url
