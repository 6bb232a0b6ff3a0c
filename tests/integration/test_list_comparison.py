"""The refresh reads the documents of stored rows that VTEX's list contradicts; the document says which is right."""

from urllib.parse import unquote

import pytest

from tests.integration.conftest import MONTH
from tests.integration.test_full_refresh import ASKED, found_nothing, invoiced
from tests.integration.test_sync_window import details

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

CONTRADICTED = {
    "another status": "status = 'canceled'",
    "no status": "status = null",
    "another total": "total = total + 0.01",
    "a version a day ahead": "last_change = last_change + interval '1 day'",
    "a version a day behind": "last_change = last_change - interval '1 day'",
    "another date": "order_date = order_date - interval '3 seconds'",
    "a date out of the month": "order_date = order_date - interval '1 year'",
}


def read(shop):
    """Return the completed orders whose documents were read."""
    open_orders = {
        row["order_id"] for row in shop.rows("select order_id from cdp.order_events where cdp.is_open(status)")
    }
    return {unquote(path).split("/orders/")[1] for path in details(shop)} - open_orders


@pytest.fixture(params=[True, False], ids=["lastChange listed", "no lastChange"])
def month(request, small):
    """The small shop, synced, with either kind of list."""
    small.sandbox.open(
        "ferreira", theme="sports", orders_per_day=[14, 16], incomplete_share=0, list_last_change=request.param
    )
    small.sync(MONTH, run="before", asked_at="2026-11-20T12:00:00Z")
    small.refresh(asked_at=ASKED, run="quiet", sample_percent=0)
    small.sandbox.clear_log()
    return small


@pytest.mark.parametrize("damage", CONTRADICTED.values(), ids=CONTRADICTED)
def test_what_the_list_contradicts_is_read(synced, damage):
    order_id = invoiced(synced)
    synced.db.execute(f"update cdp.order_events set {damage} where order_id = %s", (order_id,))

    synced.refresh(asked_at=ASKED, sample_percent=0, replays=False)

    assert order_id in {unquote(path).split("/orders/")[1] for path in details(synced)}


@pytest.mark.parametrize("damage", ["status = 'canceled'", "total = total + 0.01"])
def test_status_and_total_are_compared_with_either_kind_of_list(month, damage):
    order_id = invoiced(month)
    month.db.execute(f"update cdp.order_events set {damage} where order_id = %s", (order_id,))

    month.refresh(asked_at=ASKED, sample_percent=0, replays=False)

    assert order_id in read(month)


@pytest.mark.parametrize("total", [16_777_217, 123_456_789, 99_999_999_999, 9_007_199_254_740_993])
def test_a_total_that_the_list_rounds_contradicts_nothing(small, total):
    order_id = min(small.sandbox.truth("ferreira", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"))
    small.sandbox.alter("ferreira", order_id, value=total, status="invoiced", totals=[{"id": "Items", "value": total}])
    small.sandbox.advance(600)
    small.sync(MONTH, run="before", asked_at="2026-11-20T12:10:00Z")
    small.sandbox.clear_log()

    small.refresh(asked_at=ASKED, sample_percent=0)

    assert small.value("select total * 100 from cdp.order_events where order_id = %s", order_id) == total
    assert order_id not in read(small)


def test_a_list_that_stays_stale_costs_a_request_a_refresh_and_is_no_finding(synced):
    order_id = invoiced(synced)
    synced.sandbox.alter("ferreira", order_id, lag=10**7, status="replaced")
    synced.refresh(asked_at=ASKED, run="first", sample_percent=100)
    synced.sandbox.clear_log()

    found = synced.refresh(asked_at=ASKED, run="second", sample_percent=0)

    assert details(synced).count(f"/api/oms/pvt/orders/{order_id}") == 1
    assert found_nothing(found)
