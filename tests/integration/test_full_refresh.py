"""The weekly refresh: sets compared, healed and counted; the second refresh finds nothing."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context

from cdp_sync.errors import CountMismatch
from cdp_sync.operators.plan_refresh import plan_refresh
from tests.conftest import context
from tests.integration.conftest import MONTH
from tests.integration.test_history import fast
from tests.integration.test_sync_window import complete, details

ASKED = datetime(2026, 11, 20, 12, tzinfo=UTC)
FOUND = ("missing", "stale", "wrong", "drifted", "vanished", "unhealed")


def invoiced(shop, number=0):
    """Return a completed order: only a change at VTEX makes it due again."""
    (row,) = shop.rows(
        "select order_id from cdp.order_events where status = 'invoiced' and order_date < '2026-11-05' "
        "order by order_id offset %s limit 1",
        number,
    )
    return row["order_id"]


def forget(shop, order_id):
    for table in ("order_items", "order_addresses", "order_payloads", "order_fetches", "order_events"):
        shop.db.execute(f"delete from cdp.{table} where order_id = %s", (order_id,))


def findings(found):
    return {name: found[name] for name in FOUND}


def found_nothing(found):
    return findings(found) == dict.fromkeys(FOUND, 0)


def test_where_nothing_is_wrong_nothing_is_found_and_every_day_is_proven(synced):
    found = synced.refresh(asked_at=ASKED)

    days = synced.rows("select day, listed, stored from cdp.integrity_checks order by day")
    truth = complete(synced.sandbox.truth("ferreira", *MONTH))
    assert found_nothing(found)
    assert [str(day["day"]) for day in days] == [
        str(datetime(2026, 10, 21).date() + timedelta(days=number)) for number in range(31)
    ]
    assert sum(day["listed"] for day in days) == len(truth)
    assert all(day["listed"] == day["stored"] > 0 for day in days)


def test_an_order_that_was_missing_is_brought_and_counted_with_its_value(synced):
    order_id = invoiced(synced)
    (row,) = synced.rows(
        "select total, order_date::date::text as day from cdp.order_events where order_id = %s", order_id
    )
    forget(synced, order_id)

    found = synced.refresh(asked_at=ASKED)

    assert findings(found) == dict.fromkeys(FOUND, 0) | {"missing": 1, "drifted": 1}
    assert synced.value("select total from cdp.order_events where order_id = %s", order_id) == row["total"]
    (day,) = synced.rows("select day::text, value_drift from cdp.integrity_checks where missing > 0")
    assert (day["day"], day["value_drift"]) == (row["day"], row["total"])


def test_an_order_listed_as_changed_is_brought_up_to_date(synced):
    order_id = invoiced(synced)
    synced.db.execute(
        "update cdp.order_events set total = total - 100, last_change = last_change - interval '1 day' "
        "where order_id = %s",
        (order_id,),
    )

    found = synced.refresh(asked_at=ASKED, replays=False)

    assert findings(found) == dict.fromkeys(FOUND, 0) | {"stale": 1, "drifted": 1}
    assert found["value_drift"] == "100.00"


def test_a_change_after_the_last_sync_is_healed_and_is_no_drift(synced):
    order_id = invoiced(synced)
    synced.sandbox.freeze("2026-11-20T14:00:00Z")
    synced.sandbox.alter("ferreira", order_id, status="replaced")
    synced.sandbox.freeze("2026-11-20T14:10:00Z")

    found = synced.refresh(asked_at=ASKED + timedelta(hours=2, minutes=10))

    assert found["stale"] >= 1
    assert found["drifted"] == 0


def test_time_that_was_never_synced_is_filled_and_is_no_drift(small):
    shop = small
    shop.sync(("2026-11-19T12:00:00Z", "2026-11-20T11:55:00Z"), run="before", asked_at="2026-11-20T12:00:00Z")

    found = shop.refresh(asked_at=ASKED)

    assert found["missing"] > 400
    assert found["drifted"] == 0
    assert shop.value("select not isempty(covered * '{[2026-10-21 03:00Z, 2026-11-20 11:55Z)}') from cdp.sync_coverage")


def test_every_open_order_is_read_again_though_the_list_shows_it_unchanged(synced):
    order_id = synced.value(
        "select min(order_id) from cdp.order_events where status in ('handling', 'ready-for-handling')"
    )
    synced.sandbox.alter("ferreira", order_id, lag=10**7, status="replaced")  # the list stays stale
    open_orders = {
        row["order_id"]
        for row in synced.rows("select order_id from cdp.order_events where status not in ('invoiced', 'canceled')")
    }

    synced.refresh(asked_at=ASKED, sample_percent=0)

    assert {unquote(path).split("/orders/")[1] for path in details(synced)} == open_orders
    assert synced.value("select status from cdp.order_events where order_id = %s", order_id) == "replaced"


def test_a_list_that_is_stale_for_good_is_found_out_by_the_sample(synced):
    order_id = invoiced(synced)
    synced.sandbox.alter("ferreira", order_id, lag=10**7, status="replaced")

    unseen = synced.refresh(asked_at=ASKED, sample_percent=0)
    seen = synced.refresh(asked_at=ASKED, sample_percent=100, run="manual__2")

    assert (unseen["stale"], seen["stale"]) == (0, 1)
    assert synced.value("select status from cdp.order_events where order_id = %s", order_id) == "replaced"


def test_the_sample_is_another_each_week_and_the_same_when_a_run_is_cleared(synced):
    def sampled(run, asked_at):
        synced.sandbox.clear_log()
        synced.refresh(asked_at=asked_at, run=run, sample_percent=10)
        return set(details(synced))

    first, cleared, later = (sampled("a", ASKED), sampled("a", ASKED), sampled("b", ASKED + timedelta(days=7)))

    done = synced.value("select count(*) from cdp.order_events where status in ('invoiced', 'canceled')")
    assert first == cleared != later
    assert 0.05 * done < len(first)


def test_an_order_vtex_lists_no_longer_is_marked_and_kept(synced):
    gone, unlisted = invoiced(synced, 0), invoiced(synced, 1)
    synced.sandbox.hide("ferreira", gone, gone=True)
    synced.sandbox.hide("ferreira", unlisted)

    first = synced.refresh(asked_at=ASKED, run="first")
    second = synced.refresh(asked_at=ASKED, run="second")

    marked = {
        row["order_id"] for row in synced.rows("select order_id from cdp.order_events where vanished_at is not null")
    }
    assert marked == {gone, unlisted}
    assert (first["vanished"], second["vanished"]) == (2, 0)
    assert synced.value("select count(*) from cdp.rejected_orders") == 0
    assert first["listed"] == first["stored"]


def test_an_order_that_is_unlisted_but_served_is_still_brought_up_to_date(synced):
    order_id = invoiced(synced)
    synced.sandbox.hide("ferreira", order_id)
    synced.sandbox.alter("ferreira", order_id, status="replaced")

    found = synced.refresh(asked_at=ASKED)

    assert synced.value("select status from cdp.order_events where order_id = %s", order_id) == "replaced"
    assert (found["stale"], found["vanished"]) == (1, 1)


def test_an_order_that_is_listed_again_is_marked_no_more(synced):
    order_id = invoiced(synced)
    synced.sandbox.hide("ferreira", order_id, gone=True)
    synced.refresh(asked_at=ASKED, run="first")
    synced.sandbox.show("ferreira", order_id)

    found = synced.refresh(asked_at=ASKED, run="second")

    assert synced.value("select vanished_at from cdp.order_events where order_id = %s", order_id) is None
    assert found_nothing(found)


def test_a_list_that_lacks_many_orders_at_once_is_not_believed(synced):
    for row in synced.rows("select order_id from cdp.order_events where order_date < '2026-11-10' limit 40"):
        synced.sandbox.hide("ferreira", row["order_id"])

    with pytest.raises(CountMismatch, match="nothing was marked"):
        synced.refresh(asked_at=ASKED)

    assert synced.value("select count(*) from cdp.order_events where vanished_at is not null") == 0
    assert synced.value("select count(*) from cdp.integrity_checks") == 0


def test_the_youngest_orders_are_not_called_vanished_because_the_list_is_late(synced):
    order_id = synced.value("select order_id from cdp.order_events order by order_date desc limit 1")
    synced.sandbox.hide("ferreira", order_id)

    assert synced.refresh(asked_at=ASKED)["vanished"] == 0
    assert synced.value("select count(*) from cdp.order_events where vanished_at is not null") == 0


def test_a_second_refresh_right_after_the_first_finds_nothing(synced):
    for number in range(3):
        forget(synced, invoiced(synced, number))
    synced.sandbox.hide("ferreira", invoiced(synced, 5), gone=True)

    first = synced.refresh(asked_at=ASKED, run="first")
    digest = synced.digest()
    second = synced.refresh(asked_at=ASKED, run="second")

    assert (first["missing"], first["vanished"]) == (3, 1)
    assert found_nothing(second)
    assert synced.digest() == digest


def test_a_comparison_that_is_retried_finds_the_same(synced):
    forget(synced, invoiced(synced))
    synced.sandbox.hide("ferreira", invoiced(synced, 3), gone=True)
    first = synced.refresh(asked_at=ASKED)

    again = synced.compare(plan(synced)[0])

    assert again["counts"] == first["counts"]
    assert synced.value("select sum(missing) from cdp.integrity_checks") == 1


def test_an_order_that_cannot_be_typed_is_counted_as_not_healed(synced):
    order_id = invoiced(synced)
    forget(synced, order_id)
    synced.sandbox.alter("ferreira", order_id, value="a lot")

    found = synced.refresh(asked_at=ASKED)

    assert (found["unhealed"], found["missing"]) == (1, 0)
    assert found["listed"] == found["stored"] + 1
    assert synced.value("select count(*) from cdp.rejected_orders where resolved_at is null") == 1


def test_a_cart_that_became_an_order_after_three_weeks_is_brought_by_the_refresh(synced):
    """The list hides it while it is a cart, and shows it under its old creation date afterwards."""
    shop = synced
    order_id = invoiced(shop)
    cart = {"status": None, "isCompleted": False, "orderIsComplete": False}
    forget(shop, order_id)
    shop.sandbox.alter("ferreira", order_id, **cart)

    hidden = shop.refresh(asked_at=ASKED, run="first")
    shop.sandbox.advance(3600)
    shop.sandbox.alter("ferreira", order_id, status="payment-pending", isCompleted=True, orderIsComplete=True)
    shop.sandbox.advance(600)
    shown = shop.refresh(asked_at=ASKED + timedelta(hours=2), run="second")

    assert hidden["missing"] == 0
    assert shown["missing"] >= 1, "and whatever was ordered since"
    assert shop.value("select status from cdp.order_events where order_id = %s", order_id) == "payment-pending"


def test_what_was_listed_being_lost_is_noticed_not_taken_for_nothing_listed(synced):
    synced.refresh(asked_at=ASKED)
    synced.db.execute("truncate staging.listings")  # what a crash does to unlogged tables

    with pytest.raises(CountMismatch, match="clear the fetch task"):
        synced.compare(plan(synced)[0])


def plan(shop, tenants=None, days=30, asked_at=ASKED):
    form = {"tenants": tenants, "days": days, "sample_percent": 5, "drift_percent": 1}
    with set_current_context(context(run_after=asked_at, interval_end=asked_at, params=form)):
        return plan_refresh.function()


def add(shop, number, slug, **columns):
    values = {"tenant_id": number, "tenant_name": slug.title(), "slug": slug, "vtex_account": slug,
              "go_live_date": "2026-01-01", **columns}  # fmt: skip
    shop.db.execute(
        f"insert into cdp.tenants ({', '.join(values)}) values ({', '.join(['%s'] * len(values))})",
        tuple(values.values()),
    )


def test_every_active_tenant_is_planned_whole_days_of_argentina(shop):
    add(shop, 1, "chelsea")
    add(shop, 2, "closed", is_active=False)
    add(shop, 3, "young", go_live_date="2026-11-15")

    windows = {window["tenant"]: window["window_start"] for window in plan(shop)}

    assert windows == {
        "chelsea": "2026-10-21T03:00:00+00:00",
        "ferreira": "2026-10-21T03:00:00+00:00",
        "young": "2026-11-15T03:00:00+00:00",
    }
    assert {window["window_end"] for window in plan(shop)} == {"2026-11-20T11:55:00+00:00"}
    assert [window["label"] for window in plan(shop)] == ["chelsea", "ferreira", "young"]


def test_the_form_names_tenants_and_days(shop):
    add(shop, 1, "chelsea")

    (window,) = plan(shop, tenants=["chelsea"], days=3)

    assert (window["tenant"], window["window_start"]) == ("chelsea", "2026-11-17T03:00:00+00:00")


def test_a_name_that_is_no_tenants_is_refused_with_those_there_are(shop):
    with pytest.raises(AirflowFailException, match=r"is called chelsey: .* one of ferreira \(20\)"):
        plan(shop, tenants=["chelsey"])


def test_a_disabled_tenant_is_planned_and_skipped_visibly(shop):
    shop.db.execute("update cdp.tenants set sync_enabled = false")
    (window,) = plan(shop)

    with pytest.raises(AirflowSkipException, match="sync_enabled is false"):
        shop.fetch(fast(window), run="scheduled__1", sync_type="full")

    assert shop.value("select status from cdp.sync_runs") == "skipped"


def test_an_order_vtexs_index_takes_for_a_cart_for_good_is_stored_anyway(synced):
    order_id, cart = invoiced(synced, 0), invoiced(synced, 1)
    for hidden in (order_id, cart):
        forget(synced, hidden)
        synced.sandbox.alter("ferreira", hidden, isCompleted=False, orderIsComplete=False, status=None)
    synced.sandbox.alter(
        "ferreira", order_id, lag=10**7, isCompleted=True, orderIsComplete=True, status="payment-pending"
    )

    found = synced.refresh(asked_at=ASKED)

    assert synced.value("select status from cdp.order_events where order_id = %s", order_id) == "payment-pending"
    assert synced.value("select count(*) from cdp.order_events where order_id = %s", cart) == 0
    assert (found["missing"], found["vanished"], found["unhealed"]) == (1, 0, 0)
    assert found_nothing(synced.refresh(asked_at=ASKED, run="second"))
