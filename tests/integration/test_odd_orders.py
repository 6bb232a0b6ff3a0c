"""One odd order among fifty good ones is stored, or kept apart with its bytes and a reason; the others never wait."""

import json
import re

import httpx
import pytest

from cdp_sync.hooks.warehouse import RowRefused
from cdp_sync.vtex import client as client_module

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"


@pytest.fixture
def day(shop, monkeypatch):
    """Ferreira's orders of one day, by id."""
    monkeypatch.setattr(client_module, "BACKOFF_SECONDS", 0.001)
    shop.sandbox.freeze(NOW)
    shop.orders = {
        order_id: order for order_id, order in shop.sandbox.truth("ferreira", *DAY).items() if order["isCompleted"]
    }
    assert len(shop.orders) > 40
    return shop


def stored(shop):
    return {row["order_id"] for row in shop.rows("select order_id from cdp.order_events")}


def rejected(shop):
    return shop.rows("select order_id, reason, payload from cdp.rejected_orders where resolved_at is null")


def row_of(order_id, field):
    """Where the value of a field stands in the list row of an order."""
    return rf'("orderId":"{re.escape(order_id)}"[^}}]*?"{field}":)("[^"]*"|null|[0-9.]+)'


def odd_row(shop, order_id, field, value):
    """Have the list show another value of a field for an order."""
    (found,) = re.findall(row_of(order_id, field), list_page(shop))
    shop.sandbox.fault("rewrite", route="list", find=re.escape("".join(found)), put=found[0] + value)


def list_page(shop):
    """What the list shows of the day."""
    query = {"f_creationDate": f"creationDate:[{DAY[0][:-1]}.000Z TO {DAY[1][:-1]}.000Z]", "per_page": "100"}
    return served(shop, "/api/oms/pvt/orders", **query).text


def document(shop, order_id):
    return served(shop, f"/api/oms/pvt/orders/{order_id}").content


def served(shop, path, **query):
    key, token = shop.sandbox.credentials("ferreira")
    headers = {"X-VTEX-API-AppKey": key, "X-VTEX-API-AppToken": token}
    return httpx.get(shop.sandbox.account_url("ferreira") + path, params=query, headers=headers, trust_env=False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("creationDate", "null"),
        ("creationDate", '"not a date"'),
        ("creationDate", '"0001-01-01T00:00:00Z"'),
        ("lastChange", '""'),
        ("lastChange", '"9999-12-31T23:59:59.9999999"'),
        ("clientName", r'"half an emoji \ud83d"'),
        ("clientName", '"a \x01 control character"'),
        ("clientName", '"not UTF-8 \xff\xfe"'),
        ("clientName", '{"deep": ' + "[" * 300 + "]" * 300 + "}"),
    ],
)
def test_an_order_whose_list_row_is_odd_is_read_from_its_document(day, field, value):
    order_id = min(day.orders)
    odd_row(day, order_id, field, value)

    counts = day.sync(DAY)

    assert stored(day) == set(day.orders)
    assert (counts["fetched"], counts["failed"], counts["rejected"]) == (len(day.orders), 0, 0)
    assert rejected(day) == []


@pytest.mark.parametrize("value", ["12345.5", "null", r'"a\u0000b"', '""', '"' + "x" * 3000 + '"', '["v1"]', "true"])
def test_a_list_row_without_an_id_is_kept_with_its_bytes_and_counted_and_the_others_are_stored(day, value):
    order_id = min(day.orders)
    find = f'"orderId":"{order_id}","creationDate"'
    assert find in list_page(day)
    day.sandbox.fault("rewrite", route="list", find=re.escape(find), put=f'"orderId":{value},"creationDate"')

    counts = day.sync(DAY)

    (kept,) = rejected(day)
    assert stored(day) == set(day.orders) - {order_id}
    assert (counts["fetched"], counts["failed"], counts["rejected"]) == (len(day.orders) - 1, 1, 1)
    assert kept["order_id"].startswith("unreadable list row ")
    assert kept["reason"] == "a row of VTEX's list has no orderId that can be read"
    assert value.encode() in kept["payload"]


def test_a_numeric_id_is_the_same_id_as_a_text(day):
    order_id = min(day.orders)
    number = "1234567890123"
    body = json.loads(document(day, order_id)) | {"orderId": number}
    day.put_documents(json.dumps(body).encode())
    day.sandbox.hide("ferreira", order_id, gone=True)
    day.sandbox.fault("rewrite", route="list", find=f'"orderId":"{number}"', put=f'"orderId":{number}')

    day.sync(DAY)

    assert stored(day) == set(day.orders) - {order_id} | {number}


ODD_DOCUMENTS = {
    "a value no column holds": (r'"value":\d+,"creationDate"', '"value":1000000000000000000,"creationDate"', "value"),
    "a raw value no column holds": (r'"priceTags":\[[^\]]*\]', '"priceTags":[{"rawValue":1e17}]', "priceTags"),
    "a sum no column holds": (
        r'"totals":\[[^\]]*\]',
        '"totals":[{"id":"Items","value":999999999999999999},{"id":"Items","value":999999999999999999}]',
        "totals Items",
    ),
    "a date no column holds": (r'"lastChange":"[^"]*"', '"lastChange":"9999-12-31T23:59:59.9999999Z"', "lastChange"),
    "an SKU no index holds": (r'"id":"\d+","productId"', '"id":"' + "9" * 10_000 + '","productId"', "longer than"),
    "brackets a thousand deep": (r'"sequence":"', '"deep":' + "[" * 1000 + "]" * 1000 + ',"sequence":"', "deeply|JSON"),
    "no JSON at all": (r"^.*$", "<html>\xffnot an order</html>", "not complete JSON"),
    "JSON that is cut off": (r'"sequence":.*$', '"sequence":"5', "not complete JSON"),
}


@pytest.mark.parametrize("odd", ODD_DOCUMENTS)
@pytest.mark.parametrize("way", ["list", "inbox"])
def test_a_document_nobody_can_type_is_kept_as_served_and_no_other_order_waits(day, odd, way):
    find, put, said = ODD_DOCUMENTS[odd]
    order_id = min(day.orders)
    day.sandbox.fault("rewrite", route="detail", order_id=order_id, find=f"(?s){find}", put=put)

    if way == "list":
        day.sync(DAY)
    else:
        notify(day, day.orders)
        day.merge_notified()

    (kept,) = rejected(day)
    assert stored(day) == set(day.orders) - {order_id}
    assert kept["order_id"] == order_id
    assert re.search(said, kept["reason"])
    assert put.encode("latin-1").replace(b"\n", b" ") in kept["payload"]


def notify(shop, order_ids):
    for order_id in order_ids:
        shop.db.execute(
            "insert into cdp.order_notifications (tenant_id, order_id, changed_at, state, source) "
            "values (20, %s, '2026-11-20T11:00:00Z', 'handling', 'hook')",
            (order_id,),
        )


@pytest.mark.parametrize("way", ["list", "inbox"])
def test_half_an_emoji_in_a_document_is_stored_and_the_document_is_kept_as_served(day, way):
    order_id = min(day.orders)
    day.sandbox.fault(
        "rewrite", route="detail", order_id=order_id, find='"hostname":"[^"]*"', put=r'"hostname":"cut \ud83d"'
    )

    if way == "list":
        day.sync(DAY)
    else:
        notify(day, day.orders)
        day.merge_notified()

    assert stored(day) == set(day.orders)
    assert day.value("select hostname from cdp.order_events where order_id = %s", order_id) == "cut \ufffd"
    kept = day.value("select document::text from cdp.order_payloads where order_id = %s", order_id)
    assert r'"hostname":"cut \ud83d"' in kept


@pytest.mark.parametrize("order_id", ["..", ".", "../feed", "a/b?c#d", "%2e%2e", "ñ 1"])
def test_an_id_is_part_of_a_path_whatever_it_is(day, order_id):
    body = json.loads(document(day, min(day.orders))) | {"orderId": order_id}
    day.put_documents(json.dumps(body).encode())

    day.sync(DAY)

    assert stored(day) == set(day.orders) | {order_id}
    assert rejected(day) == []


def test_an_order_of_the_first_second_of_a_window_that_starts_within_it_is_stored(day):
    order_id, _ = min(day.orders.items(), key=lambda pair: pair[1]["creationDate"])
    body = json.loads(document(day, order_id)) | {"creationDate": "2026-11-10T12:00:00.7000000+00:00"}
    day.put_documents(json.dumps(body).encode())

    day.sync(("2026-11-10T12:00:00.500000Z", "2026-11-10T12:00:30Z"))

    assert order_id in stored(day)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"])
def test_a_change_at_a_moment_no_calendar_holds_is_left_in_the_feed_and_the_others_are_merged(day, moment):
    day.sandbox.open("ferreira", orders_per_day=[18, 24], feed_short_polls=0.0, feed_duplicates=0.0)
    day.db.execute("update cdp.tenants set feed_enabled = true")
    day.feed_run(run="first")
    order_id = min(day.sandbox.truth("ferreira", *DAY))
    day.sandbox.alter("ferreira", order_id, status="canceled")
    day.sandbox.fault(
        "rewrite", route="feed", find='"currentChange":"[^"]*"', put=f'"currentChange":"{moment}"', count=1
    )

    day.feed_run(run="second")

    assert day.value("select count(*) from cdp.order_notifications where processed_at is null") == 0
    assert rejected(day) == []


ODD_PLACES = {
    "staging.orders": "sales_channel <> 'odd'",
    "staging.order_items": "name <> 'odd'",
    "cdp.order_events": "sales_channel <> 'odd'",
    "cdp.order_items": "name <> 'odd'",
    "cdp.order_buyers": "first_name <> 'odd'",
    "cdp.products": "name <> 'odd'",
    "cdp.order_payloads": "strpos(document::text, '\"odd\"') = 0",
}
"""Constraints of this database's own, which only the odd order violates."""


def make_odd(shop, *order_ids):
    for order_id in order_ids:
        body = json.loads(document(shop, order_id)) | {"salesChannel": "odd"}
        body["items"][-1] |= {"id": f"sku-{order_id}", "name": "odd"}
        body["clientProfileData"] |= {"document": f"only-{order_id}", "firstName": "odd"}
        shop.put_documents(json.dumps(body).encode())


@pytest.mark.parametrize("table", ODD_PLACES)
@pytest.mark.parametrize("way", ["list", "inbox"])
def test_a_document_the_database_refuses_is_found_and_rejected_and_the_others_are_stored(day, table, way):
    odd = sorted(day.orders)[17]
    make_odd(day, odd)
    day.db.execute(f"alter table {table} add constraint no_odd_one check ({ODD_PLACES[table]})")

    if way == "list":
        counts = day.sync(DAY)
    else:
        notify(day, day.orders)
        counts = day.merge_notified()

    (kept,) = rejected(day)
    assert stored(day) == set(day.orders) - {odd}
    assert kept["order_id"] == odd
    assert b'"odd"' in kept["payload"]
    assert kept["reason"].startswith("the database refuses it: CheckViolation (SQLSTATE 23514; ")
    assert counts["rejected"] == 1
    (run,) = day.rows("select listed, skipped, staged, rejected, inserted, status from cdp.sync_runs")
    assert (run["status"], run["rejected"], run["inserted"]) == ("completed", 1, len(day.orders) - 1)
    assert run["listed"] == run["skipped"] + run["staged"] + run["rejected"]
    for left in ("staging.orders", "staging.order_items"):
        assert day.value(f"select count(*) from {left}") == 0


def test_an_order_the_database_refused_is_stored_once_it_takes_it(day):
    odd = sorted(day.orders)[17]
    make_odd(day, odd)
    day.db.execute("alter table cdp.order_events add constraint no_odd_one check (sales_channel <> 'odd')")
    staged = day.stage(day.fetch(DAY))
    merged = day.merge(staged)
    assert (merged["rejected"], merged["inserted"]) == (1, len(day.orders) - 1)
    assert day.merge(staged) == merged
    day.db.execute("alter table cdp.order_events drop constraint no_odd_one")

    counts = day.sync(DAY, run="manual__2")

    assert (counts["fetched"], counts["inserted"]) == (1, 1)
    assert stored(day) == set(day.orders)
    assert rejected(day) == []


@pytest.mark.parametrize("table", ["staging.orders", "cdp.order_events"])
def test_many_documents_the_database_refuses_are_no_odd_ones_and_stop_the_task(day, table):
    make_odd(day, *sorted(day.orders)[:4])
    day.db.execute(f"alter table {table} add constraint no_odd_one check (sales_channel <> 'odd')")

    with pytest.raises(RowRefused, match=r"ferreira batch .*more than 3 documents are refused"):
        day.sync(DAY)

    assert stored(day) == set()
    assert rejected(day) == []


def test_a_notification_of_a_moment_no_date_holds_does_not_stop_the_claim_of_the_others(day):
    notify(day, day.orders)
    day.db.execute(
        "update cdp.order_notifications set changed_at = moment::timestamptz from unnest(%s::text[], %s::text[]) "
        "as odd (id, moment) where order_id = id",
        (sorted(day.orders)[:4], ["0001-01-01", "9999-12-31 23:59:59+00", "infinity", "-infinity"]),
    )

    counts = day.merge_notified()

    assert stored(day) == set(day.orders)
    assert counts["inserted"] == len(day.orders)
    assert day.value("select count(*) from cdp.order_notifications where processed_at is null") == 0
