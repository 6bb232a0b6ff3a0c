"""The pretend VTEX behaves like the real one."""

import json
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest

from vtex_sandbox.clock import detail_date, ticks
from vtex_sandbox.scenario import Account, Scenario
from vtex_sandbox.testing import running_sandbox

DAY = ("2026-11-10T00:00:00.000Z", "2026-11-10T23:59:59.999Z")
NOW = "2026-11-20T12:00:00Z"
ORDERS = "/api/oms/pvt/orders"


class Shop:
    def __init__(self, sandbox, account="tienda"):
        self.sandbox, self.account = sandbox, account

    def get(self, path, *, key=None, token=None, **query):
        default_key, default_token = self.sandbox.credentials(self.account)
        headers = {"x-vtex-api-appKey": key or default_key, "X-VTEX-API-AppToken": token or default_token}
        url = self.sandbox.account_url(self.account) + path + (f"?{urlencode(query)}" if query else "")
        try:
            with urlopen(Request(url, headers=headers), timeout=20) as answer:
                return answer.status, answer.read(), dict(answer.headers)
        except HTTPError as error:
            return error.code, error.read(), dict(error.headers)

    def list(self, **query):
        status, body, _ = self.get(ORDERS, **query)
        assert status == 200, body
        return json.loads(body)

    def day(self, **query):
        return self.list(f_creationDate=f"creationDate:[{DAY[0]} TO {DAY[1]}]", **query)

    def order(self, order_id):
        status, body, _ = self.get(f"{ORDERS}/{quote(order_id, safe='')}")
        return status, json.loads(body)


@pytest.fixture(scope="module")
def process():
    with running_sandbox(Scenario(accounts={"tienda": Account(orders_per_day=(60, 60))})) as sandbox:
        yield sandbox


@pytest.fixture
def shop(process):
    process.heal()
    process.open("tienda", orders_per_day=[60, 60])
    process.freeze(NOW)
    process.clear_log()
    return Shop(process)


def test_the_same_seed_makes_the_same_orders(shop):
    first = shop.day(per_page=100)
    with running_sandbox(Scenario(accounts={"tienda": Account(orders_per_day=(60, 60))})) as other:
        other.freeze(NOW)
        assert Shop(other).day(per_page=100) == first
    with running_sandbox(Scenario(seed=8, accounts={"tienda": Account(orders_per_day=(60, 60))})) as other:
        other.freeze(NOW)
        assert Shop(other).day(per_page=100) != first


def test_a_page_has_fifteen_rows_newest_first_unless_asked_otherwise(shop):
    page = shop.day()

    dates = [row["creationDate"][:19] for row in page["list"]]
    assert (len(page["list"]), page["paging"]["perPage"]) == (15, 15)
    assert dates == sorted(dates, reverse=True)


def test_pages_in_order_of_creation_hold_every_order_once(shop):
    pages = [shop.day(per_page=7, page=number, orderBy="creationDate,asc") for number in range(1, 11)]

    ids = [row["orderId"] for page in pages for row in page["list"]]
    assert len(ids) == len(set(ids)) == pages[0]["paging"]["total"]
    assert shop.day(per_page=7, page=11, orderBy="creationDate,asc")["list"] == []


def test_descending_pages_are_the_ascending_ones_backwards(shop):
    up = [r["orderId"] for n in range(1, 10) for r in shop.day(per_page=7, page=n, orderBy="creationDate,asc")["list"]]
    down = [r["orderId"] for n in range(1, 10) for r in shop.day(per_page=7, page=n)["list"]]

    assert down == up[::-1]


def test_no_page_31_whatever_the_page_size(shop):
    status, body, _ = shop.get(ORDERS, page=31, per_page=1)

    assert (status, json.loads(body)["error"]["message"]) == (400, "Max page exceed")
    assert shop.get(ORDERS, page=30, per_page=1)[0] == 200


def test_paging_counts_beyond_page_30_truly(shop):
    assert shop.day(per_page=1)["paging"]["pages"] > 30


def test_ranges_include_both_ends(shop):
    row = shop.day(per_page=1, orderBy="creationDate,asc")["list"][0]
    moment = json.loads(shop.get(f"{ORDERS}/{quote(row['orderId'], safe='')}")[1])["creationDate"]
    exact = f"{moment[:23]}Z"
    later = detail_date(ticks(moment) + 10_000)[:23] + "Z"

    found = shop.list(f_creationDate=f"creationDate:[{exact} TO {later}]")

    assert row["orderId"] in [found["orderId"] for found in found["list"]]


@pytest.mark.parametrize("field", ["authorizedDate", "invoicedDate"])
def test_orders_without_a_date_never_match_its_filter(shop, field):
    rows = shop.list(**{f"f_{field}": f"{field}:[{DAY[0]} TO {DAY[1]}]"}, per_page=100)["list"]

    assert rows
    documents = [shop.order(row["orderId"])[1] for row in rows]
    assert all(DAY[0][:10] == document[field][:10] for document in documents)


def test_there_is_no_updated_since_filter(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], first_day="2026-11-01")
    everything = shop.list(per_page=1)["paging"]["total"]

    assert shop.list(per_page=1, f_lastChange=f"lastChange:[{DAY[0]} TO {DAY[1]}]")["paging"]["total"] == everything


def test_a_sales_channel_is_filtered_by_name_or_by_id(shop):
    by_name = shop.day(per_page=100, f_salesChannel="Main")["paging"]["total"]
    by_id = shop.day(per_page=100, salesChannelId="1")["paging"]["total"]

    assert 0 < by_name == by_id < shop.day()["paging"]["total"]
    assert shop.day(f_salesChannel="1")["paging"]["total"] == 0


def test_incomplete_orders_are_hidden_unless_asked_for(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], incomplete_share=0.5)

    hidden = shop.day(per_page=100, incompleteOrders="true")["list"]

    assert hidden
    assert {(row["status"], row["orderIsComplete"]) for row in hidden} == {(None, False)}
    assert not {row["orderId"] for row in hidden} & {row["orderId"] for row in shop.day(per_page=100)["list"]}


def test_the_list_learns_of_an_order_minutes_after_the_detail(shop):
    shop.sandbox.freeze("2026-11-21T00:00:00Z")
    order_id, order = next(
        (i, o)
        for i, o in shop.sandbox.truth("tienda", "2026-11-20T00:00:00Z", "2026-11-20T23:00:00Z").items()
        if o["isCompleted"]
    )
    shop.sandbox.freeze(detail_date(ticks(order["creationDate"]) + 600_000_000))

    window = "creationDate:[2026-11-20T00:00:00.000Z TO 2026-11-20T23:59:59.999Z]"
    assert shop.order(order_id)[0] == 200
    assert order_id not in str(shop.list(f_creationDate=window, per_page=100))
    shop.sandbox.advance(400)
    assert order_id in str(shop.list(f_creationDate=window, per_page=100))


def test_a_stale_row_stays_behind_for_good(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], stale_share=1.0)
    shop.sandbox.freeze("2026-12-31T00:00:00Z")

    rows = {row["orderId"]: row["lastChange"][:19] for row in shop.day(per_page=100)["list"]}
    truth = shop.sandbox.truth("tienda", *DAY)

    assert any(rows[order_id] < truth[order_id]["lastChange"][:19] for order_id in rows)


def test_a_row_is_cut_to_the_second_and_its_money_is_a_float(shop):
    rows = shop.day(per_page=100)["list"]

    assert {len(row["creationDate"]) for row in rows} <= {25, 33}
    assert all(row["items"] is None and isinstance(row["totalValue"], float) for row in rows)


def test_an_account_may_not_list_last_change(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], list_last_change=False)

    assert not any("lastChange" in row for row in shop.day(per_page=100)["list"])


def test_a_documents_value_is_the_sum_of_its_totals_in_whole_cents(shop):
    for row in shop.day(per_page=100)["list"]:
        _, document = shop.order(row["orderId"])
        assert document["value"] == sum(total["value"] for total in document["totals"])
        assert all(isinstance(total["value"], int) for total in document["totals"])


def test_dates_carry_ticks_of_six_or_seven_digits(shop):
    digits = set()
    for row in shop.day(per_page=100)["list"]:
        fraction = shop.order(row["orderId"])[1]["creationDate"].split(".")[1].split("+")[0]
        digits.add(len(fraction))

    assert digits == {6, 7}


def test_the_sellers_of_a_purchase_share_a_group_and_follow_each_other(shop):
    group = next(i[:-3] for i in shop.sandbox.truth("tienda", *DAY) if i.endswith("-02"))

    status, body, _ = shop.get(f"{ORDERS}/order-group/{group}")

    orders = json.loads(body)
    sequences = [int(order["sequence"]) for order in orders]
    assert status == 200
    assert sequences == list(range(sequences[0], sequences[0] + len(orders)))
    assert {order["orderGroup"] for order in orders} == {group}


def test_the_sellers_account_has_the_same_sale_under_its_own_id(shop):
    shop.sandbox.open("vendedor", orders_per_day=[10, 10], sells_for="tienda")
    shared = [i for i in shop.sandbox.truth("tienda", *DAY) if i.endswith("-02")]

    assert {f"SLR-{order_id}" for order_id in shared} <= set(shop.sandbox.truth("vendedor", *DAY))
    assert Shop(shop.sandbox, "vendedor").order(f"SLR-{shared[0]}")[1]["marketplaceOrderId"] == shared[0]


def test_an_order_is_found_by_its_sequence_too(shop):
    row = shop.day()["list"][0]

    assert shop.order(f"seq{row['sequence']}")[1]["orderId"] == row["orderId"]


def test_an_unknown_order_is_a_404_with_a_json_error(shop):
    status, error = shop.order("v1nobody-01")

    assert (status, "error" in error) == (404, True)


def test_orders_older_than_two_years_are_neither_listed_nor_served(shop):
    window = ("2024-11-01T00:00:00.000Z", "2024-11-05T00:00:00.000Z")
    shop.sandbox.freeze("2024-11-20T00:00:00Z")
    order_id = next(iter(shop.sandbox.truth("tienda", *window)))
    assert shop.order(order_id)[0] == 200

    shop.sandbox.freeze("2026-11-20T00:00:00Z")

    assert shop.order(order_id)[0] == 404
    assert shop.list(f_creationDate=f"creationDate:[{window[0]} TO {window[1]}]")["paging"]["total"] == 0


@pytest.mark.parametrize(
    ("key", "token", "status"),
    [
        ("nobody", None, 401),
        (None, "wrong", 401),
        ("vtexappkey-otra-SANDBX", "sandbox-token-otra", 401),
        ("vtexappkey-tienda-NOROLE", None, 403),
        (None, None, 200),
    ],
)
def test_keys_are_an_accounts_own(shop, key, token, status):
    assert shop.get(ORDERS, key=key, token=token)[0] == status


def test_an_unknown_account_is_a_page_for_people(shop):
    status, body, headers = Shop(shop.sandbox, "nadie").get(ORDERS)

    assert (status, headers["Content-Type"]) == (404, "text/html")
    assert body.startswith(b"<!DOCTYPE html>")


def test_a_query_that_is_too_long_is_a_page_for_people(shop):
    status, _, headers = shop.get(ORDERS, f_sellerNames="x" * 3000)

    assert (status, headers["Content-Type"]) == (404, "text/html")


def test_a_limit_answers_429_with_the_seconds_to_wait(shop):
    shop.sandbox.open("tienda", orders_per_day=[60, 60], requests_per_second=0.01, burst=2, retry_after=7)

    answers = [shop.get(ORDERS, per_page=1) for _ in range(5)]

    assert [status for status, _, _ in answers] == [200, 200, 429, 429, 429]
    assert answers[2][2]["Retry-After"] == "7"


def test_a_document_put_is_served_byte_for_byte_and_listed(shop):
    body = json.dumps({**shop.order(shop.day()["list"][0]["orderId"])[1], "orderId": "puesto-1"}, indent=1).encode()

    shop.sandbox.put("tienda", body)

    assert shop.get(f"{ORDERS}/puesto-1")[1] == body
    assert "puesto-1" in [row["orderId"] for row in shop.day(per_page=100)["list"]]


def test_a_cancellations_reason_comes_after_it_and_without_a_new_last_change(shop):
    life = None
    for order_id, order in shop.sandbox.truth("tienda", "2026-11-05T00:00:00Z", "2026-11-15T00:00:00Z").items():
        if order["status"] == "canceled" and order["cancelReason"]:
            life = order_id, order
    order_id, order = life

    shop.sandbox.freeze(detail_date(ticks(order["lastChange"]) + 10_000_000))

    _, early = shop.order(order_id)
    assert (early["status"], early["cancelReason"], early["lastChange"]) == ("canceled", None, order["lastChange"])


def test_the_log_shows_what_was_asked(shop):
    shop.day()
    shop.order("v1nobody-01")

    summary = shop.sandbox.summary("tienda")

    assert (summary["routes"], summary["statuses"]) == ({"list": 1, "detail": 1}, {"200": 1, "404": 1})
    assert shop.sandbox.log("tienda", "detail")[0]["path"].endswith("/v1nobody-01")


def test_the_date_header_follows_the_clock(shop):
    assert shop.get(ORDERS, per_page=1)[2]["Date"] == "Fri, 20 Nov 2026 12:00:00 GMT"
