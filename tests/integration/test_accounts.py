"""Connection, tenant and documents must be of one VTEX account, before anything is merged."""

import json
import re

import pytest
from airflow.sdk.exceptions import AirflowFailException

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")


@pytest.fixture
def connect(shop, monkeypatch):
    """Have the connection lead elsewhere."""

    def to(host, account="ferreira"):
        key, token = shop.sandbox.credentials(account)
        connection = {"conn_type": "http", "host": host, "login": key, "password": token}
        monkeypatch.setenv("AIRFLOW_CONN_VTEX_FERREIRA", json.dumps(connection))

    shop.sandbox.freeze("2026-11-20T12:00:00Z")
    shop.sandbox.open("petbaar", theme="pets", orders_per_day=[45, 55])
    return to


def merged(shop):
    tables = ("order_events", "order_items", "order_payloads", "order_buyers", "products", "rejected_orders")
    return sum(shop.value(f"select count(*) from cdp.{table}") for table in tables)


@pytest.mark.parametrize(
    "host", ["petbaar", "https://PetBaar.vtexcommercestable.com.br", "https://dev--petbaar.myvtex.com/"]
)
@pytest.mark.parametrize("way", ["list", "feed"])
def test_a_connection_to_another_account_is_refused_before_anything_is_read(shop, connect, host, way):
    connect(host)

    with pytest.raises(AirflowFailException, match=r"vtex_ferreira leads to the account petbaar.*vtex_account is ferr"):
        shop.sync(DAY) if way == "list" else shop.feed_run()

    assert merged(shop) == 0


def test_the_orders_of_another_account_are_refused_whatever_the_connection_says(shop, connect):
    connect(shop.sandbox.account_url("petbaar"), "petbaar")
    fetched = shop.fetch(DAY)

    with pytest.raises(AirflowFailException) as refused:
        shop.stage(fetched)

    said = str(refused.value)
    assert re.search(rf"{fetched['fetched']} of {fetched['fetched']} documents are of the account petbaar", said)
    assert re.search(r"vtex_ferreira leads to 127.0.0.1:\d+/petbaar, .* are to name ferreira", said)
    assert merged(shop) == 0
    assert shop.value("select count(*) from staging.orders") == 0

    connect(shop.sandbox.account_url("ferreira"))
    shop.sync(DAY)  # as the cleared run would: nothing of the other account is taken over from landing

    orders = {id for id, order in shop.sandbox.truth("ferreira", *DAY).items() if order["isCompleted"]}
    assert {row["order_id"] for row in shop.rows("select order_id from cdp.order_events")} == orders


def test_a_single_order_of_another_account_is_rejected_alone(shop, connect):
    odd, plain = sorted(shop.sandbox.truth("ferreira", *DAY))[:2]
    shop.sandbox.alter("ferreira", odd, hostname="petbaar")
    shop.sandbox.alter("ferreira", plain, hostname=None)

    counts = shop.sync(DAY)

    (rejected,) = shop.rows("select order_id, reason, payload from cdp.rejected_orders")
    assert (rejected["order_id"], rejected["reason"]) == (odd, "hostname: the order is of the account petbaar")
    assert b'"hostname":"petbaar"' in rejected["payload"].replace(b": ", b":")
    assert (counts["rejected"], counts["inserted"]) == (1, counts["fetched"] - 1)
    assert shop.value("select count(*) from cdp.order_events where order_id = %s", plain) == 1


def test_a_shop_whose_orders_name_its_main_account_is_synced_once_that_is_said(shop, connect):
    shop.db.execute("update cdp.tenants set vtex_account = 'ferreirafranquicia'")
    with pytest.raises(AirflowFailException, match="documents are of the account ferreira"):
        shop.sync(DAY)

    shop.db.execute("update cdp.tenants set order_hostname = 'Ferreira'")
    counts = shop.sync(DAY)

    assert counts["inserted"] == counts["fetched"] > 40
