"""Coverage and gaps: time that is synced, is not, or no longer can be."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from cdp_sync.sql_files import sql
from cdp_sync.windows import HISTORY_WINDOW, MAX_CATCH_UP, oldest_remembered
from tests.sql.test_monitoring import tenant

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text)


def checkpoint(db, start, end, *, number=1, sync_type="historical", status="completed"):
    db.execute(
        "insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id) "
        "values (%s, %s, %s, %s, %s, 'b')",
        (number, sync_type, start, end, status),
    )


def ranges(multirange):
    return [(r.lower, r.upper) for r in multirange]


def gaps(db, number=1, now=NOW):
    row = db.execute("select * from cdp.sync_gaps(%s) where tenant_id = %s", (now, number)).fetchone()
    return ranges(row["reachable"]), ranges(row["unreachable"])


def windows(db, number=1, limit=500):
    return db.execute(
        sql("gaps/history_windows"),
        {"tenant_id": number, "as_of": NOW, "length": HISTORY_WINDOW, "windows": limit},
    ).fetchall()


def note(db, number=None, now=NOW):
    db.execute(sql("gaps/note_gaps"), {"tenant_id": number, "as_of": now})


def test_the_gap_is_from_midnight_in_argentina_of_go_live_to_where_coverage_begins(db):
    tenant(db, 1, "Uno", go_live_date="2026-10-01")
    checkpoint(db, "2026-11-19T12:00:00Z", "2026-11-20T11:55:00Z", sync_type="incremental")

    assert gaps(db) == ([(at("2026-10-01T03:00:00Z"), at("2026-11-19T12:00:00Z"))], [])


def test_what_follows_the_end_of_coverage_is_the_next_incremental_runs(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-15")
    checkpoint(db, "2026-11-15T00:00:00Z", "2026-11-18T00:00:00Z")

    assert gaps(db) == ([], [])


def test_downtime_longer_than_an_incremental_run_reaches_back_is_a_gap(db):
    tenant(db, 1, "Uno", go_live_date="2026-10-01")
    checkpoint(db, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")

    assert gaps(db) == ([(at("2026-11-01T00:00:00Z"), NOW - MAX_CATCH_UP)], [])


def test_holes_between_windows_are_gaps_and_windows_that_touch_leave_none(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-01")
    checkpoint(db, "2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z")
    checkpoint(db, "2026-11-05T00:00:00Z", "2026-11-08T00:00:00Z", sync_type="full")
    checkpoint(db, "2026-11-09T00:00:00Z", "2026-11-20T00:00:00Z", sync_type="incremental")

    assert gaps(db)[0] == [(at("2026-11-08T00:00:00Z"), at("2026-11-09T00:00:00Z"))]


@pytest.mark.parametrize("status", ["running", "failed"])
def test_a_window_that_is_not_completed_covers_nothing(db, status):
    tenant(db, 1, "Uno", go_live_date="2026-11-01")
    checkpoint(db, "2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z", status=status)

    assert gaps(db)[0] == [(at("2026-11-01T03:00:00Z"), NOW - MAX_CATCH_UP)]


def test_one_tenants_coverage_is_not_anothers(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-01")
    tenant(db, 2, "Dos", go_live_date="2026-11-01")
    checkpoint(db, "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z", number=2)

    assert gaps(db, 1)[0] == [(at("2026-11-01T03:00:00Z"), NOW - MAX_CATCH_UP)]
    assert gaps(db, 2)[0] == []


@pytest.mark.parametrize("now", [NOW, NOW.replace(hour=0), NOW.replace(hour=23, minute=59), at("2026-03-01T02:00:00Z")])
def test_what_vtex_has_forgotten_is_unreachable_from_the_same_midnight_as_the_fetch_counts_it(db, now):
    tenant(db, 1, "Uno", go_live_date="2023-01-01")

    reachable, unreachable = gaps(db, now=now)

    assert unreachable == [(at("2023-01-01T03:00:00Z"), oldest_remembered(now))]
    assert reachable == [(oldest_remembered(now), now - MAX_CATCH_UP)]


def test_what_was_synced_before_vtex_forgot_it_is_not_unreachable(db):
    tenant(db, 1, "Uno", go_live_date="2023-01-01")
    checkpoint(db, "2022-12-31T00:00:00Z", "2026-11-20T00:00:00Z")

    assert gaps(db) == ([], [])


def test_a_checkpoint_somebody_deletes_is_a_gap_again(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-01")
    checkpoint(db, "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z")
    checkpoint(db, "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", sync_type="full")

    db.execute("delete from cdp.sync_checkpoints where sync_type = 'historical'")

    assert gaps(db)[0] == [
        (at("2026-11-01T03:00:00Z"), at("2026-11-02T00:00:00Z")),
        (at("2026-11-03T00:00:00Z"), NOW - MAX_CATCH_UP),
    ]


def test_a_checkpoint_that_is_completed_no_more_is_a_gap_again(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-01")
    checkpoint(db, "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z")

    db.execute("update cdp.sync_checkpoints set status = 'failed'")

    assert gaps(db)[0] == [(at("2026-11-01T03:00:00Z"), NOW - MAX_CATCH_UP)]


def test_coverage_is_what_the_checkpoints_say_after_any_writes(db):
    tenant(db, 1, "Uno")
    for day in range(1, 20, 2):
        checkpoint(db, f"2026-10-{day:02d}T00:00:00Z", f"2026-10-{day + 1:02d}T12:00:00Z", status="running")
    db.execute("update cdp.sync_checkpoints set status = 'completed' where extract(day from window_start) > 6")
    db.execute("delete from cdp.sync_checkpoints where extract(day from window_start) = 9")
    db.execute("update cdp.sync_checkpoints set window_end = window_end + interval '1 day' where status = 'completed'")

    kept = db.execute("select covered from cdp.sync_coverage").fetchone()["covered"]
    counted = db.execute(
        "select range_agg(tstzrange(window_start, window_end)) as covered from cdp.sync_checkpoints "
        "where status = 'completed'"
    ).fetchone()["covered"]
    assert ranges(kept) == ranges(counted) != []


def test_windows_are_weeks_newest_first_and_cover_the_gap_exactly(db):
    tenant(db, 1, "Uno", go_live_date="2026-10-01")
    checkpoint(db, "2026-11-02T12:00:00Z", "2026-11-20T11:55:00Z", sync_type="incremental")

    planned = [(row["window_start"], row["window_end"]) for row in windows(db)]

    assert planned[0] == (at("2026-10-26T12:00:00Z"), at("2026-11-02T12:00:00Z"))
    assert planned[-1] == (at("2026-10-01T03:00:00Z"), at("2026-10-05T12:00:00Z"))
    assert [end - start for start, end in planned[:-1]] == [HISTORY_WINDOW] * 4
    assert [start for start, _ in planned[:-1]] == [end for _, end in planned[1:]]


def test_no_more_windows_are_planned_than_asked_for_and_they_are_the_newest(db):
    tenant(db, 1, "Uno", go_live_date="2026-01-01")

    assert [row["window_end"] for row in windows(db, limit=2)] == [
        NOW - MAX_CATCH_UP, NOW - MAX_CATCH_UP - HISTORY_WINDOW
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["running", "failed"])
def test_a_window_begun_is_planned_as_it_was_begun(db, status):
    tenant(db, 1, "Uno", go_live_date="2026-11-01")
    begun = (at("2026-11-04T06:00:00Z"), at("2026-11-09T18:00:00Z"))
    checkpoint(db, *begun, status=status)

    planned = [(row["window_start"], row["window_end"]) for row in windows(db)]

    assert planned == [
        (begun[1], NOW - MAX_CATCH_UP),
        begun,
        (at("2026-11-01T03:00:00Z"), begun[0]),
    ]


def test_without_a_gap_there_is_no_window(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-15")
    checkpoint(db, "2026-11-15T00:00:00Z", "2026-11-20T11:55:00Z")

    assert windows(db) == []


def test_the_initial_sync_is_complete_when_no_gap_is_left_and_is_not_when_go_live_moves_back(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-15")
    tenant(db, 2, "Dos", go_live_date="2026-11-15")
    checkpoint(db, "2026-11-15T00:00:00Z", "2026-11-20T11:55:00Z")
    read = "select initial_sync_completed as done from cdp.tenants where tenant_id = %s"

    note(db)
    assert [db.execute(read, (number,)).fetchone()["done"] for number in (1, 2)] == [True, False]

    db.execute("update cdp.tenants set go_live_date = '2026-10-01' where tenant_id = 1")
    note(db)
    assert db.execute(read, (1,)).fetchone()["done"] is False


def test_a_tenant_nobody_synced_yet_is_not_complete_however_young(db):
    tenant(db, 1, "Uno", go_live_date="2026-11-19")

    note(db)

    assert gaps(db) == ([], [])
    assert db.execute("select initial_sync_completed as done from cdp.tenants").fetchone()["done"] is False


def test_time_vtex_has_forgotten_is_a_checkpoint_of_its_own_neither_done_nor_a_gap(db):
    tenant(db, 1, "Uno", go_live_date="2023-01-01")
    checkpoint(db, oldest_remembered(NOW), "2026-11-20T11:55:00Z")

    note(db)
    note(db)

    (row,) = db.execute(
        "select window_start, window_end, error from cdp.sync_checkpoints where status = 'unreachable'"
    ).fetchall()
    assert (row["window_start"], row["window_end"]) == (at("2023-01-01T03:00:00Z"), oldest_remembered(NOW))
    assert "older than two years" in row["error"]
    assert windows(db) == []
    assert db.execute("select initial_sync_completed as done from cdp.tenants").fetchone()["done"] is True


def test_unreachable_time_grows_while_history_waits_and_goes_when_go_live_moves(db):
    tenant(db, 1, "Uno", go_live_date="2023-01-01")
    read = "select window_start, window_end from cdp.sync_checkpoints where status = 'unreachable'"

    note(db)
    note(db, now=NOW + timedelta(days=3))
    (row,) = db.execute(read).fetchall()
    assert row["window_end"] == oldest_remembered(NOW + timedelta(days=3))

    db.execute("update cdp.tenants set go_live_date = '2026-01-01'")
    note(db)
    assert db.execute(read).fetchall() == []


def test_only_tenants_that_may_be_synced_and_have_a_gap_are_found_the_longest_untouched_first(db):
    for number, name in enumerate(("Old", "New", "Never", "Off", "Gone", "Done"), 1):
        tenant(db, number, name, go_live_date="2026-10-01", sync_enabled=name != "Off", is_active=name != "Gone")
    checkpoint(db, "2026-09-01T00:00:00Z", "2026-11-20T11:55:00Z", number=6)
    for number, ago in ((1, 3), (2, 1)):
        checkpoint(db, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", number=number, status="failed")
        db.execute(
            "update cdp.sync_checkpoints set started_at = now() - make_interval(hours => %s) where tenant_id = %s",
            (ago, number),
        )

    found = db.execute(sql("gaps/tenants_with_gaps"), {"as_of": NOW}).fetchall()

    assert [row["slug"] for row in found] == ["never", "old", "new"]


def test_gaps_of_a_thousand_tenants_do_not_read_their_checkpoints(db):
    """One query, whatever the number of checkpoints; ``make bench BENCH=gaps`` measures its time."""
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "select n, 't' || n, 't' || n, 't' || n, '2024-12-01' from generate_series(1, 1000) as n"
    )
    db.execute(
        "insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id) "
        "select n, 'incremental', s - interval '24 hours', s - interval '5 minutes', 'completed', 'b' "
        "from generate_series(1, 1000) as n, "
        "generate_series(timestamptz '2026-10-01', '2026-11-20', '6 hours') as s "
        "where n > 3 and not (n = 7 and s between '2026-11-05' and '2026-11-08')"
    )
    db.execute("analyze")

    (plan,) = db.execute("explain (format json) " + "select * from cdp.sync_gaps(%s)", (NOW,)).fetchone().values()
    found = db.execute("select slug, reachable from cdp.sync_gaps(%s) order by tenant_id", (NOW,)).fetchall()

    assert "sync_coverage" in json.dumps(plan)
    assert "sync_checkpoints" not in json.dumps(plan)
    assert len(found) == 1000
    assert [len(ranges(row["reachable"])) for row in found] == [1] * 6 + [2] + [1] * 993
