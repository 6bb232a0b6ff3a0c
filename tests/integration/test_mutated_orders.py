"""Many mutated orders at once: each is stored or rejected with its bytes, and none stops the others."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.test_odd_orders import DAY, document, odd_row
from tests.mutations import CHANGE, OTHERS, mutated

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

ROW_FIELDS = ("creationDate", "lastChange", "clientName", "lastMessageUnread", "totalValue", "status", "hostname")
TABLES = (
    "order_addresses", "order_payloads", "order_items", "order_events", "order_buyers", "products", "order_fetches",
    "rejected_orders",
    "sync_checkpoints", "sync_coverage", "sync_runs",
)  # fmt: skip


@settings(derandomize=True, max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGE, min_size=20, max_size=20), st.sampled_from(ROW_FIELDS), OTHERS)
def test_every_mutated_order_is_stored_or_rejected_and_all_others_are_stored(shop, changes, field, value):
    shop.sandbox.heal()
    shop.sandbox.freeze("2026-11-20T12:00:00Z")
    for table in TABLES:
        shop.db.execute(f"delete from cdp.{table}")
    orders = {id: order for id, order in shop.sandbox.truth("ferreira", *DAY).items() if order["isCompleted"]}
    odd = sorted(orders)[: len(changes)]
    bodies = {}
    for order_id, change in zip(odd, changes, strict=True):
        bodies[order_id] = mutated(json.loads(document(shop, order_id)), [change])
        as_served = bodies[order_id].decode("latin-1")
        shop.sandbox.fault("rewrite", route="detail", order_id=order_id, find=r"(?s)\A.*\Z", put=as_served, count=None)
    odd_row(shop, odd[-1], field, json.dumps(value))

    counts = shop.sync(DAY, run=f"manual__{id(changes)}")

    stored = {row["order_id"] for row in shop.rows("select order_id from cdp.order_events")}
    rejected = {row["order_id"]: row for row in shop.rows("select * from cdp.rejected_orders")}
    assert stored | set(rejected) == set(orders)
    assert not stored & set(rejected)
    assert set(rejected) <= set(odd)
    assert (counts["failed"], counts["rejected"], counts["inserted"]) == (0, len(rejected), len(stored))
    for order_id, row in rejected.items():
        assert row["reason"]
        assert row["payload"] == bodies[order_id]
