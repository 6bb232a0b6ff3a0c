"""The operators' three queries, unchanged, on this schema."""

import hashlib
import random
import re
from pathlib import Path

import pytest

from cdp_sync.sql_files import sql_root
from local.tenant_status import standings
from tests.sql.test_growth import rows_read

MONITORING = sql_root() / "monitoring"
HASHES = {
    "daily_growth": "f40afeea2f862ea4",
    "sync_gaps": "27b2ad6dd7168413",
    "sync_status": "598b9f628dffd996",
}
"""SHA-256 of the operators' own queries, the beginning of it."""


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


def rows_of(db, name):
    return sorted(tuple(row.values()) for row in run(db, name))


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


@pytest.mark.parametrize("seed", range(3))
def test_days_behind_answers_what_sync_gaps_does_after_any_writes(db, seed):
    chance = random.Random(seed)
    for number in range(1, 9):
        tenant(db, number, f"T{number}", is_active=number != 3)

    for step in range(30):
        number, days = chance.randint(1, 7), chance.uniform(0, 5)
        order(db, number, f"order-{step}", f"now() - interval '{days} days'")
        if step % 3 == 0:
            db.execute("delete from cdp.order_events where order_id = %s", (f"order-{chance.randint(0, step)}",))
        if step % 5 == 0:
            moved = f"order-{chance.randint(0, step)}"
            db.execute(
                "update cdp.order_events set order_date = now() - interval '9 days' where order_id = %s", (moved,)
            )

        assert rows_of(db, "days_behind") == rows_of(db, "requested/sync_gaps")


def test_days_behind_reads_one_order_of_each_tenant(db):
    for number in (1, 2):
        tenant(db, number, f"T{number}")
        db.execute("insert into cdp.order_events (tenant_id, order_id, order_date, last_change, seller_ids, total, "
                   "item_count, unit_count, payment_count, fetched_at, sync_run_id) select %s, n, "
                   "now() - n * interval '1 hour', now(), '{}', 1, 0, 0, 0, now(), 1 from generate_series(99, 5000) n",
                   (number,))  # fmt: skip
    db.execute("analyze")

    statement = "explain (analyze, timing off, format json) " + (MONITORING / "days_behind.sql").read_text()
    (explained,) = db.execute(statement).fetchone().values()

    assert rows_read(explained[0]["Plan"]) < 30


def test_the_requested_queries_stand_as_the_operators_wrote_them():
    written = {
        file.stem: hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        for file in (MONITORING / "requested").glob("*.sql")
    }

    assert written == HASHES


def test_the_queries_are_read_only():
    for file in MONITORING.rglob("*.sql"):
        assert not re.search(r"\b(insert|update|delete)\b", file.read_text(), re.IGNORECASE)
    names = {Path(file).stem for file in MONITORING.rglob("*.sql")}
    assert names == {
        "sync_status",
        "daily_growth",
        "sync_gaps",
        "history",
        "shops",
        "days_behind",
        "proof",
        "new_fields",
        "unknown_statuses",
    }


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


def test_the_proof_of_a_day_is_the_latest_comparison_of_it(db):
    tenant(db, 1, "Uno")
    tenant(db, 2, "Gone", is_active=False)
    for number, checked_at, day, listed, stored in (
        (1, "2026-11-01", "2026-10-31", 60, 60),
        (1, "2026-11-08", "2026-10-31", 62, 61),
        (1, "2026-11-08", "2026-10-30", 50, 50),
        (1, "2026-11-08", "2026-01-01", None, None),
        (2, "2026-11-08", "2026-10-31", 9, 9),
    ):
        db.execute(
            "insert into cdp.integrity_checks select %s, %s, %s, 1, %s, %s, %s, %s, 1, 2, 3, "
            "0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0",
            (number, checked_at, day, f"{checked_at} 05:14Z", listed, stored, (listed or 0) - (stored or 0)),
        )

    proof = [(str(row["day"]), row["listed"], row["stored"], row["healed"]) for row in run(db, "proof")]

    assert proof == [("2026-10-31", 62, 61, 5), ("2026-10-30", 50, 50, 4)]


def sync(db, number, status="completed", sync_type="incremental", error=None):
    """Add a run of a tenant; its data is fresh whatever the run's result."""
    db.execute("update cdp.tenants set last_sync_at = now() where tenant_id = %s", (number,))
    db.execute(
        "insert into cdp.sync_runs (tenant_id, batch_id, sync_type, status, error, finished_at) "
        "values (%s, gen_random_uuid()::text, %s, %s, %s, clock_timestamp())",
        (number, sync_type, status, error),
    )


@pytest.fixture
def standing(db, dsn):
    """Return how tenant 1 stands."""
    tenant(db, 1, "Uno")
    return lambda: standings(dsn)[0]


def test_a_shop_whose_last_sync_completed_is_as_fresh_as_the_operators_query_says(db, standing):
    assert (standing().status, standing().result) == ("❌ Stale", None)

    sync(db, 1)

    assert (standing().status, standing().result, standing().reason) == ("✅ Current", "completed", None)


@pytest.mark.parametrize("after", [(), ("running",)])
@pytest.mark.parametrize("sync_type", ["incremental", "historical", "feed"])
def test_a_shop_whose_last_run_failed_is_never_current(db, standing, sync_type, after):
    sync(db, 1)
    sync(db, 1, "failed", sync_type, "wrong key")
    for status in after:
        sync(db, 1, status)

    assert (standing().status, standing().sync_type, standing().reason) == ("❌ Failing", sync_type, "wrong key")


def test_a_failed_incremental_sync_is_not_hidden_by_another_that_succeeds(db, standing):
    sync(db, 1, "failed", error="wrong key")
    sync(db, 1, sync_type="historical")

    assert (standing().status, standing().reason) == ("❌ Failing", "wrong key")


def test_a_shop_is_current_again_after_the_next_sync(db, standing):
    sync(db, 1, "failed", error="wrong key")
    sync(db, 1)

    assert standing().status == "✅ Current"


def test_a_sync_whose_checks_failed_is_failing_although_it_completed(db, standing):
    sync(db, 1, error="2 of its checks failed")

    assert (standing().status, standing().result) == ("❌ Failing", "completed")


def test_a_feed_that_cannot_be_drained_makes_its_shop_failing_while_it_is_enabled(db, standing):
    sync(db, 1)
    db.execute("insert into cdp.order_feeds (tenant_id, state, reason) values (1, 'failed', 'wrong key')")
    assert standing().status == "✅ Current"

    db.execute("update cdp.tenants set feed_enabled = true")

    assert (standing().status, standing().reason) == ("❌ Failing", "wrong key")


def test_a_shop_whose_sync_is_off_says_so_whatever_its_last_result(db, standing):
    sync(db, 1, "skipped", error="uno: sync_enabled is false in cdp.tenants")
    db.execute("update cdp.tenants set sync_enabled = false")

    assert (standing().status, standing().result) == ("sync is off", "skipped")


def test_a_standing_has_the_missing_days_and_times_in_argentinas_zone(db, standing):
    db.execute("update cdp.tenants set go_live_date = current_date - 100")
    db.execute("alter database %s set timezone = 'UTC'" % db.info.dbname)  # noqa: UP031
    sync(db, 1)

    assert 90 < standing().days_missing < 101
    assert standing().last_sync_at.strftime("UTC%Z") == "UTC-03"
