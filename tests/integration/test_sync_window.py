"""The tasks of a window, end to end: sandbox, landing, staging, warehouse."""

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"


def complete(truth):
    return {order_id: order for order_id, order in truth.items() if order["isCompleted"]}


def test_every_order_of_the_window_stands_in_the_warehouse_as_vtex_has_it(shop):
    shop.sandbox.freeze(NOW)

    counts = shop.sync(DAY)

    truth = complete(shop.sandbox.truth("ferreira", *DAY))
    stored = shop.rows("select order_id, status, total, item_count, cancel_reason from cdp.order_events")
    assert len(truth) > 40
    assert {row["order_id"]: tuple(row.values())[1:] for row in stored} == {
        order_id: (order["status"], order["value"] / 100, order["items"], order["cancelReason"])
        for order_id, order in truth.items()
    }
    assert counts["inserted"] == len(truth)
