"""The last task of a window checks what the window wrote: the data stays, the task fails with a sentence."""

from contextlib import nullcontext

import pytest
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.checks import ORDERS, REFRESH

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"


@pytest.fixture
def odd(shop):
    """A day in which one order's total is not the sum of its parts."""
    shop.sandbox.freeze(NOW)
    order_id = min(key for key, order in shop.sandbox.truth("ferreira", *DAY).items() if order["isCompleted"])
    shop.sandbox.alter("ferreira", order_id, value=123)
    return shop


def test_a_window_whose_orders_hold_passes(shop):
    shop.sandbox.freeze(NOW)

    assert shop.sync(DAY, checks=(ORDERS,))["inserted"] > 40


def test_a_failed_check_names_tenant_check_and_the_query_that_shows_where(odd):
    staged = odd.stage(odd.fetch(DAY))

    with pytest.raises(AirflowFailException) as failure:
        odd.merge(staged, checks=(ORDERS,))

    said = str(failure.value)
    assert said.startswith("ferreira: the data is merged, as VTEX sent it, and 1 of its checks failed. ")
    assert "orders whose total is not the sum of its parts: 1 (look: select * from cdp.order_events where" in said
    (row,) = odd.rows("select total::text from cdp.order_events where total = 1.23")
    assert row["total"] == "1.23"
    query = said.partition("look: ")[2].partition("). ")[0]
    assert [str(row["total"]) for row in odd.rows(query)] == ["1.23"]


def test_a_run_whose_checks_failed_is_complete_and_says_so_again_when_the_task_is_cleared(odd):
    staged = odd.stage(odd.fetch(DAY))
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="1 of its checks failed"):
            odd.merge(staged, checks=(ORDERS,))

    (run,) = odd.rows("select status, error, inserted from cdp.sync_runs")
    assert run["status"] == "completed"
    assert "not the sum of its parts" in run["error"]
    assert odd.value("select status from cdp.sync_checkpoints") == "completed"


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("update cdp.order_events set item_count = item_count + 1 where order_id = %s", "lines are not as many"),
        ("update cdp.order_events set item_count = -1 where order_id = %s", "negative number of lines"),
        (
            "update cdp.order_events set last_change = order_date - interval '1 hour' where order_id = %s",
            "changed before",
        ),
    ],
)
def test_each_check_sees_what_it_is_for(shop, damage, check):
    shop.sandbox.freeze(NOW)
    staged = shop.stage(shop.fetch(DAY))
    shop.merge(staged)
    shop.db.execute(damage, (shop.value("select min(order_id) from cdp.order_events"),))

    with pytest.raises(AirflowFailException, match=check):
        shop.merge(staged, checks=(ORDERS,))


def test_a_listed_order_that_is_neither_stored_nor_rejected_fails_the_comparison(shop):
    shop.sandbox.freeze(NOW)
    window = shop.planned(DAY, asked_at=NOW)
    shop.sync(window, run="refresh", sync_type="full")
    order_id = shop.value("select min(order_id) from cdp.order_events")
    for table in ("order_items", "order_addresses", "order_payloads", "order_fetches", "order_events"):
        shop.db.execute(f"delete from cdp.{table} where order_id = %s", (order_id,))

    with pytest.raises(AirflowFailException, match="listed orders that are neither stored nor rejected: 1 "):
        shop.compare(window, run="refresh", checks=(ORDERS, REFRESH))


@pytest.mark.parametrize(("allowed", "fails"), [(0, True), (100, False)])
def test_more_drift_than_the_run_allows_fails_the_comparison_after_it_was_healed(shop, allowed, fails):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first", asked_at=NOW)
    order_id = shop.value("select min(order_id) from cdp.order_events")
    for table in ("order_items", "order_addresses", "order_payloads", "order_fetches", "order_events"):
        shop.db.execute(f"delete from cdp.{table} where order_id = %s", (order_id,))
    shop.db.execute("update cdp.tenants set last_sync_at = %s", (NOW,))
    window = shop.planned(DAY, asked_at=NOW, drift_percent=allowed)
    shop.sync(window, run="refresh", sync_type="full")

    expected = pytest.raises(
        AirflowFailException, match=r"orders that were wrong, or that earlier syncs should have brought.*: 1 "
    )
    with expected if fails else nullcontext():
        shop.compare(window, run="refresh", checks=(ORDERS, REFRESH))

    assert shop.value("select count(*) from cdp.order_events where order_id = %s", order_id) == 1
