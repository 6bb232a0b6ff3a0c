"""Rows damaged by hand, in every way, are healed by the next weekly refresh, and told by kind."""

import os
import random

import pytest

from cdp_sync.rows.line_tables import LINE_TABLES

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

NOW = "2026-11-22T05:00:00Z"  # a Sunday, 02:00 in Argentina
MONTH = ("2026-10-22T03:00:00Z", "2026-11-22T04:55:00Z")
KINDS = {
    "status": ("status", "update cdp.order_events set status = 'wrong' where order_id = %s"),
    "total": ("money", "update cdp.order_events set total = total + 1 where order_id = %s"),
    "version a day ahead": (
        "version",
        "update cdp.order_events set last_change = last_change + interval '1 day' where order_id = %s",
    ),
    "date": (
        "dates",
        "update cdp.order_events set authorized_at = order_date + interval '90 days' where order_id = %s",
    ),
    "items deleted": ("items", "delete from cdp.order_items where order_id = %s"),
    "item's price": ("items", "update cdp.order_items set selling_price = -1 where order_id = %s"),
    "buyer deleted": ("customer", "delete from cdp.order_buyers where order_id = %s"),
    "buyer unlinked": ("customer", "update cdp.order_buyers set document_key = null where order_id = %s"),
    "payments deleted": ("lines", "delete from cdp.order_payments where order_id = %s"),
    "shipment's price": ("lines", "update cdp.order_shipments set price = -1 where order_id = %s"),
    "document deleted": ("document", "delete from cdp.order_payloads where order_id = %s"),
    "another's document": (
        "document",
        'update cdp.order_payloads set document = \'{"orderId": "another"}\' where order_id = %s',
    ),
}
"""Kind of finding, and a statement that damages one order so."""


def contents(shop):
    """Return every row made of documents, and the documents, but for what says when and by whom it was written."""
    tables = ["order_events", "order_payloads", "order_buyers", "products", *(table.name for table in LINE_TABLES)]
    return {
        table: [
            row["line"]
            for row in shop.rows(
                "select (to_jsonb(t) - '{synced_at,sync_run_id,fetched_at}'::text[])::text as line "
                f"from cdp.{table} as t order by 1"
            )
        ]
        for table in tables
    }


@pytest.mark.parametrize("lists_changes", [True, False])
def test_two_hundred_orders_damaged_in_every_way_are_healed_by_the_next_refresh(shop, lists_changes):
    shop.sandbox.open("ferreira", theme="sports", orders_per_day=[30, 30], list_last_change=lists_changes)
    shop.sandbox.freeze(NOW)
    shop.sync(MONTH, sync_type="historical")
    shop.refresh(asked_at=shop.sandbox.now, run="before", sample_percent=0)
    truth = contents(shop)
    closed = shop.rows(
        "select orders.order_id from cdp.order_events as orders where not cdp.is_open(status) "
        "and authorized_at is not null and exists (select from cdp.order_buyers as buyer "
        "where buyer.order_id = orders.order_id and document_key is not null) "
        "and order_date between '2026-10-23 03:00Z' and '2026-11-21Z' "
        "and exists (select from cdp.order_shipments as part where part.order_id = orders.order_id) "
        "and exists (select from cdp.order_payments as part where part.order_id = orders.order_id) order by 1"
    )
    chosen = random.Random(os.environ.get("CDP_TEST_SEEDS", "1")).sample([row["order_id"] for row in closed], 200)
    damaged = {order_id: list(KINDS)[number % len(KINDS)] for number, order_id in enumerate(chosen)}
    for order_id, kind in damaged.items():
        assert shop.db.execute(KINDS[kind][1], (order_id,)).rowcount > 0, kind
    assert contents(shop) != truth

    found = shop.refresh(asked_at=shop.sandbox.now, run="after", sample_percent=0, allowed=100)

    healed = contents(shop)
    assert {table for table in truth if healed[table] != truth[table]} == set()
    evidence = shop.rows(
        "select order_id, kind, is_healed from cdp.integrity_findings "
        "where checked_at = (select max(checked_at) from cdp.integrity_checks)"
    )
    assert {row["order_id"]: row["kind"] for row in evidence} == {
        order_id: KINDS[kind][0] for order_id, kind in damaged.items()
    }
    assert len(evidence) == 200
    assert all(row["is_healed"] for row in evidence)
    assert (found["wrong"], found["unhealed"]) == (200, 0)
    again = shop.refresh(asked_at=shop.sandbox.now, run="again", sample_percent=0)
    assert (again["wrong"], again["missing"], again["stale"]) == (0, 0, 0)
