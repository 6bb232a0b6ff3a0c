"""A shop's first day, at any hour: new orders, the past, the weekly proof and the next run, exactly VTEX's truth."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from cdp_sync.checks import ORDERS
from cdp_sync.operators.plan_refresh import first_instant
from cdp_sync.tenants import LOCAL_TZ
from cdp_sync.windows import INDEX_LAG
from tests.integration.test_full_refresh import found_nothing
from tests.integration.test_history import fast, fill, stored
from tests.integration.test_sync_window import complete
from tests.moments import EDGES, HOURS

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

DAYS = 9


@pytest.fixture(params=[*HOURS, *EDGES.values()], ids=[*HOURS, *EDGES])
def new(request, shop):
    """A shop that went live nine days ago and was never synced."""
    shop.sandbox.open("ferreira", orders_per_day=[18, 24], incomplete_share=0)
    shop.sandbox.freeze(request.param)
    shop.db.execute("update cdp.tenants set go_live_date = %s", (went_live(shop),))
    return shop


def today(shop):
    return shop.sandbox.now.astimezone(ZoneInfo(LOCAL_TZ)).date()


def went_live(shop):
    return today(shop) - timedelta(days=DAYS)


def truth(shop, start):
    bounds = (start.isoformat(), (shop.sandbox.now - INDEX_LAG).isoformat())
    return {order_id: order["status"] for order_id, order in complete(shop.sandbox.truth("ferreira", *bounds)).items()}


def incremental(shop, run):
    window = fast(shop.plan(run_after=shop.sandbox.now, run=run))
    return shop.sync(window, run=run, checks=(ORDERS,))


def test_at_any_hour_a_shop_is_synced_filled_proven_and_synced_again(new):
    began, origin = new.sandbox.now, first_instant(went_live(new))

    incremental(new, "first")
    assert stored(new) == truth(new, began - timedelta(hours=24))
    assert new.value("select last_sync_at from cdp.tenants") == began

    fill(new)
    assert stored(new) == truth(new, origin)
    assert not new.value("select reachable from cdp.sync_gaps(%s)", began)
    assert new.value("select initial_sync_completed from cdp.tenants") is True
    assert fill(new, run="again") == []

    assert found_nothing(new.refresh(asked_at=began, days=DAYS))
    days = {row["day"]: row["stored"] for row in new.rows("select day, stored from cdp.integrity_checks")}
    assert days == {
        row["day"]: row["orders"]
        for row in new.rows("select date(order_date) as day, count(*) as orders from cdp.order_events group by 1")
    }
    assert set(days) <= {went_live(new) + timedelta(days=number) for number in range(DAYS + 1)}

    new.sandbox.advance(6 * 3600)
    incremental(new, "second")
    assert stored(new).keys() == truth(new, origin).keys()
    assert new.value("select last_sync_at from cdp.tenants") == new.sandbox.now
    assert not new.value("select reachable from cdp.sync_gaps(%s)", new.sandbox.now)
