"""No statement reads more rows than in proportion to its batch, so that none grows with the square."""

import pytest

from benchmarks.batch import AROUND, LISTS, MERGE, fill, parameters, stage
from cdp_sync.sql_files import sql

ORDERS = 1_000
NOTIFICATIONS = "insert into cdp.order_notifications (tenant_id, order_id, changed_at, state, source, processed_at) "


def rows_read(plan):
    """Return the rows that pass through a plan and through those below it, dropped ones too."""
    dropped = sum(value for name, value in plan.items() if name.startswith("Rows Removed by"))
    rows = plan["Actual Loops"] * (plan["Actual Rows"] + dropped)
    return rows + sum(rows_read(part) for part in plan.get("Plans", []))


def read_by(db, name, orders=ORDERS):
    """Run a statement; return how many rows it reads."""
    statement = LISTS[name].fill(sql(name)).as_string(db) if name in LISTS else sql(name)
    explained = db.execute(f"explain (analyze, timing off, format json) {statement}", parameters(name, orders))
    return rows_read(next(iter(explained.fetchone().values()))[0]["Plan"])


def test_the_statements_of_a_merge_read_rows_in_proportion_to_its_batch(db):
    db.execute("set work_mem = '64kB'")  # to a thousand orders what the usual 4 MB are to fifty thousand
    fill(db, ORDERS)
    for version in (1, 2):
        db.execute("delete from staging.orders; delete from staging.order_items")
        stage(db, ORDERS, version=version)

        read = {name: read_by(db, name) for name in MERGE}

        assert {name: rows for name, rows in read.items() if rows > 30 * ORDERS} == {}


def test_the_statements_around_a_merge_read_rows_in_proportion_to_its_batch(db):
    fill(db, ORDERS)
    stage(db, ORDERS, version=1)
    for name in MERGE:
        read_by(db, name)
    db.execute("analyze")  # as autovacuum has done by then; what feed and hook report comes in a flood

    read = {}
    for name in AROUND:
        if "/analyze_" in name:
            db.execute(sql(name))
        else:
            read[name] = read_by(db, name)

    assert {name: rows for name, rows in read.items() if rows > 30 * ORDERS} == {}


@pytest.mark.parametrize("known", [False, True])
def test_a_flood_of_notifications_the_statistics_do_not_know_yet_is_claimed_in_proportion(db, known):
    db.execute("alter table cdp.order_notifications set (autovacuum_enabled = false)")
    fill(db, ORDERS)
    if known:
        db.execute(
            NOTIFICATIONS + "select 1, 'old-' || n, day, 'invoiced', 'feed', day from generate_series(1, 9999) n, "
            "lateral (select timestamptz '2026-11-01' as day) as moment"
        )
        db.execute("analyze cdp.order_notifications")
    db.execute(
        NOTIFICATIONS + "select 1, 'new-' || n, timestamptz '2026-11-01', 'invoiced', 'hook', null "
        "from generate_series(1, 1000) n"
    )

    assert read_by(db, "inbox/claim") < 30 * ORDERS
