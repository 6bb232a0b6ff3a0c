"""The operators' three queries, unchanged, on this schema."""

import re
from pathlib import Path

from cdp_sync.sql_files import sql_root

MONITORING = sql_root() / "monitoring"


def tenant(db, number, name, **columns):
    values = {"tenant_id": number, "tenant_name": name, "slug": name.lower(), "vtex_account": name.lower(),
              "go_live_date": "2023-01-01", **columns}  # fmt: skip
    names = ", ".join(values)
    db.execute(f"insert into cdp.tenants ({names}) values ({', '.join(['%s'] * len(values))})", tuple(values.values()))


def order(db, number, order_id, order_date):
    db.execute(
        "insert into cdp.order_events (tenant_id, order_id, order_date, last_change, seller_ids, total, item_count, "
        f"unit_count, payment_count, fetched_at, sync_run_id) values (%s, %s, {order_date}, now(), '{{}}', 1, 0, 0, 0, "
        "now(), 1)",
        (number, order_id),
    )


def run(db, name):
    return db.execute((MONITORING / f"{name}.sql").read_text()).fetchall()


def test_sync_status_distinguishes_current_behind_and_stale_and_leaves_inactive_tenants_out(db):
    tenant(db, 1, "Fresh")
    tenant(db, 2, "Late")
    tenant(db, 3, "Old")
    tenant(db, 4, "Never")
    tenant(db, 5, "Gone", is_active=False)
    for number, hours in ((1, 5), (2, 7), (3, 13), (5, 1)):
        db.execute(
            "update cdp.tenants set last_sync_at = now() - make_interval(hours => %s) where tenant_id = %s",
            (hours, number),
        )

    assert {row["tenant_name"]: row["status"] for row in run(db, "requested/sync_status")} == {
        "Fresh": "✅ Current",
        "Late": "⚠️ Behind",
        "Old": "❌ Stale",
        "Never": "❌ Stale",
    }


def test_daily_growth_counts_the_orders_of_argentine_days(db):
    tenant(db, 1, "Uno")
    # 23:30 in Buenos Aires is the next day in UTC
    order(db, 1, "a", "(current_date - 1)::timestamptz + interval '23 hours 30 minutes'")
    order(db, 1, "b", "(current_date - 1)::timestamptz + interval '1 hour'")
    order(db, 1, "c", "current_date::timestamptz")
    order(db, 1, "d", "current_date::timestamptz - interval '30 days'")

    rows = run(db, "requested/daily_growth")

    today = db.execute("select current_date as today").fetchone()["today"]
    assert [((today - row["date"]).days, row["new_orders"]) for row in rows] == [(0, 1), (1, 2)]


def test_gaps_name_the_tenants_without_an_order_since_yesterday(db):
    tenant(db, 1, "Busy")
    tenant(db, 2, "Quiet")
    order(db, 1, "a", "now()")
    order(db, 1, "b", "now() - interval '20 days'")
    order(db, 2, "c", "current_date::timestamptz - interval '3 days'")

    assert [(row["tenant_name"], row["days_behind"]) for row in run(db, "requested/sync_gaps")] == [("Quiet", 3)]


def test_the_queries_are_read_only():
    for file in MONITORING.rglob("*.sql"):
        assert not re.search(r"\b(insert|update|delete)\b", file.read_text(), re.IGNORECASE)
    names = {Path(file).stem for file in MONITORING.rglob("*.sql")}
    assert names == {"sync_status", "daily_growth", "sync_gaps", "history"}


def test_history_counts_days_missing_and_days_vtex_has_forgotten_apart(db):
    tenant(db, 1, "Done", go_live_date="2099-01-01")
    tenant(db, 2, "Old")
    tenant(db, 3, "Gone", is_active=False)
    db.execute("update cdp.tenants set go_live_date = current_date - 800 where tenant_id = 2")
    db.execute(
        "insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id) values "
        "(2, 'incremental', now() - interval '10 days', now(), 'completed', 'b'), "
        "(2, 'historical', now() - interval '17 days', now() - interval '10 days', 'failed', 'b')"
    )

    old, done = run(db, "history")

    assert (old["tenant_name"], done["tenant_name"]) == ("Old", "Done")
    assert (done["days_missing"], done["days_unreachable"]) == (0, 0)
    assert 718 < old["days_missing"] < 721
    assert 69 < old["days_unreachable"] < 72
    assert old["windows_failed"] == 1
