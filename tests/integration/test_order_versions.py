"""What was known of an order, and when, is kept; how long it was in each status is one query."""

import json

import pytest

from cdp_sync.operators.replay import ReplayOrdersOperator

NOW = "2026-11-20T12:00:00Z"
DAY = ("2026-11-09T00:00:00Z", "2026-11-10T00:00:00Z")


@pytest.fixture
def order(shop):
    """An order of the day, as VTEX serves it; the rest is not synced."""
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="all", sync_type="historical")
    body = shop.value("select document::text from cdp.order_payloads order by order_id limit 1")
    shop.db.execute("truncate cdp.order_versions")
    return json.loads(body) | {"authorizedDate": None, "invoicedDate": None, "packageAttachment": None}


def versions(shop, order):
    return [
        (row["status"], int(row["cents"]), row["payment_state"], row["delivery_state"])
        for row in shop.rows(
            "select status, total * 100 as cents, payment_state, delivery_state from cdp.order_versions "
            "where tenant_id = 20 and order_id = %s order by fetched_at",
            order["orderId"],
        )
    ]


def read(shop, order, run, **changes):
    """Read the order once more, an hour later."""
    shop.sandbox.advance(3600)
    shop.put_documents(order | changes)
    shop.sync(DAY, run=run, sync_type="historical", force_refetch=True)


def test_each_version_merged_is_kept_with_its_run_and_what_says_nothing_new_is_not(shop, order):
    read(shop, order, "first", status="handling", lastChange="2026-11-09T10:05:00Z")
    paid = {"status": "handling", "authorizedDate": "2026-11-09T10:10:00Z", "lastChange": "2026-11-09T10:10:00Z"}
    read(shop, order, "second", **paid)
    read(shop, order, "third", **paid)
    invoiced = paid | {
        "status": "invoiced",
        "invoicedDate": "2026-11-10T09:00:00Z",
        "lastChange": "2026-11-10T09:00:00Z",
    }
    read(shop, order, "fourth", **invoiced)
    read(shop, order, "fifth", **invoiced | {"value": order["value"] - 100, "lastChange": "2026-11-10T09:30:00Z"})

    total = order["value"]
    assert versions(shop, order) == [
        ("handling", total, "pending", "pending"),
        ("handling", total, "authorized", "pending"),
        ("invoiced", total, "authorized", "invoiced"),
        ("invoiced", total - 100, "authorized", "invoiced"),
    ]
    runs = shop.rows(
        "select run.batch_id from cdp.order_versions as version inner join cdp.sync_runs as run "
        "using (tenant_id, sync_run_id) where version.tenant_id = 20 and order_id = %s order by fetched_at",
        order["orderId"],
    )
    assert [row["batch_id"].rpartition("/")[2] for row in runs] == ["first", "second", "fourth", "fifth"]


def test_what_was_known_at_a_moment_is_one_query(shop, order):
    read(shop, order, "first", status="handling", lastChange="2026-11-09T10:05:00Z")
    moment = shop.sandbox.now
    read(shop, order, "second", status="invoiced", lastChange="2026-11-10T09:00:00Z")

    known = (
        "select distinct on (order_id) status from cdp.order_versions where tenant_id = 20 and order_id = %s "
        "and fetched_at <= %s order by order_id, fetched_at desc"
    )
    assert shop.value(known, order["orderId"], moment) == "handling"
    assert shop.value(known, order["orderId"], shop.sandbox.now) == "invoiced"


def test_every_order_has_a_version_and_a_replay_or_a_merge_again_adds_none(shop):
    shop.sandbox.freeze(NOW)
    staged = shop.stage(shop.fetch(DAY))
    shop.merge(staged)
    before = shop.rows("select * from cdp.order_versions order by order_id, fetched_at")
    assert len(before) == shop.value("select count(*) from cdp.order_events") > 0

    shop.db.execute("update cdp.order_events set status = 'wrong'")
    replayed = shop.task(ReplayOrdersOperator, shop.planned(("", ""), asked_at=NOW), run="replay", sync_type="replay")
    shop.merge(staged)

    assert replayed["updated"] == len(before)
    assert shop.rows("select * from cdp.order_versions order by order_id, fetched_at") == before


def test_the_time_in_each_status_comes_from_versions_and_reports_without_counting_twice(shop, order):
    read(shop, order, "first", status="payment-pending", lastChange="2026-11-09T10:00:00Z")
    shop.db.execute(
        "insert into cdp.order_status_changes (tenant_id, order_id, changed_at, to_state, source) values "
        "(20, %(order)s, '2026-11-09T10:20Z', 'payment-approved', 'feed'), "
        "(20, %(order)s, '2026-11-09T10:30Z', 'handling', 'feed'), "
        "(20, %(order)s, '2026-11-09T11:00Z', 'invoiced', 'hook')",
        {"order": order["orderId"]},
    )
    # lastChange is that of a later delivery: the report is exact.
    read(shop, order, "second", status="invoiced", lastChange="2026-11-10T09:00:00Z")
    read(shop, order, "third", status="handling", lastChange="2026-11-10T12:00:00Z")

    found = shop.rows(
        "select status, extract(epoch from duration)::integer / 60 as minutes, until is null as last "
        "from cdp.order_status_intervals where tenant_id = 20 and order_id = %s order by since",
        order["orderId"],
    )
    assert [tuple(row.values()) for row in found] == [
        ("payment-pending", 20, False),
        ("payment-approved", 10, False),
        ("handling", 30, False),
        ("invoiced", 25 * 60, False),
        ("handling", None, True),
    ]
