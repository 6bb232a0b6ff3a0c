"""History: gaps are planned, filled once, and resumed after any interruption."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context

from cdp_sync.fetch import landing_writer as landing_module
from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.operators.gap_detector import find_gaps
from cdp_sync.tenants import LOCAL_TZ
from cdp_sync.vtex.pacing import FASTEST
from cdp_sync.windows import BadWindow
from tests.conftest import context
from tests.integration.test_sync_window import complete
from tests.moments import TODAY

ANY_POSTGRES = True  # every statement they run runs on both elsewhere


class Killed(BaseException):
    """The death of a worker, as the interrupted code sees it."""


@pytest.fixture
def young(shop):
    """A shop that went live forty days ago, whose incremental sync covers the last of them."""
    shop.sandbox.open("ferreira", theme="sports", orders_per_day=[45, 55], incomplete_share=0)
    shop.db.execute("update cdp.tenants set go_live_date = %s", ((TODAY - timedelta(days=40)).date(),))
    shop.sync(((TODAY - timedelta(days=1)).isoformat(), TODAY.isoformat()), run="incremental")
    shop.sandbox.clear_log()
    return shop


def fill(shop, *, run="history__1", **options):
    """Run the history DAG once; return the windows it planned."""
    windows = shop.plan_history(run=run, **options)
    for number, window in enumerate(windows):
        shop.sync(fast(window), run=f"{run}/{number}", sync_type="historical")
    return windows


def fast(window):
    return window | {"requests_per_second": FASTEST}


def history_of(shop):
    """Return VTEX's orders since the shop went live, without those of the next incremental sync."""
    (start,) = shop.rows(
        "select lower(history) as start, upper(history) as finish from cdp.sync_gaps(%s)", shop.sandbox.now
    )
    return complete(shop.sandbox.truth("ferreira", start["start"].isoformat(), start["finish"].isoformat()))


def stored(shop):
    return {row["order_id"]: row["status"] for row in shop.rows("select order_id, status from cdp.order_events")}


def test_history_is_filled_to_the_day_the_shop_went_live(young):
    windows = fill(young)

    truth = history_of(young)
    assert len(truth) > 1800
    assert len(windows) == 6
    assert stored(young) == {order_id: order["status"] for order_id, order in truth.items()}
    assert young.value("select initial_sync_completed from cdp.tenants") is True
    assert fill(young) == []


def test_a_window_of_history_lists_creation_dates_only(young):
    windows = young.plan_history(windows=1)

    young.sync(fast(windows[0]), sync_type="historical")

    queries = [entry["query"] for entry in young.sandbox.log("ferreira", "list")]
    assert queries
    assert all("f_creationDate" in query and "per_page=100" in query for query in queries)
    assert sum("incompleteOrders=true" in query for query in queries) == 1


def test_completed_windows_are_not_fetched_again_after_an_interruption(young):
    windows = young.plan_history()
    for window in windows[:2]:
        young.sync(fast(window), run=window["label"], sync_type="historical")
    young.sandbox.clear_log()

    fill(young, run="history__2")

    details = [entry["path"] for entry in young.sandbox.log("ferreira", "detail")]
    assert len(details) == len(set(details))
    first = young.value("select count(*) from cdp.order_events where order_date >= %s", windows[1]["window_start"])
    assert len(details) == len(history_of(young)) - first
    assert young.value("select max(attempts) from cdp.sync_checkpoints where status = 'completed'") == 1


def test_a_window_begun_keeps_its_landed_parts_for_whichever_run_takes_it_up(young, monkeypatch):
    monkeypatch.setattr(landing_module, "PART_DOCUMENTS", 50)
    flush = LandingWriter.flush

    def dies_after_three(self):
        if len(self.parts) == 3:
            raise Killed
        flush(self)

    (window,) = young.plan_history(windows=1)
    monkeypatch.setattr(LandingWriter, "flush", dies_after_three)
    with pytest.raises(Killed):
        young.fetch(fast(window), run="history__1", sync_type="historical")
    monkeypatch.setattr(LandingWriter, "flush", flush)
    young.sandbox.clear_log()

    (again,) = young.plan_history(windows=1, run="history__2")
    fetched = young.fetch(fast(again), run="history__2", sync_type="historical")

    assert (again["window_start"], again["window_end"]) == (window["window_start"], window["window_end"])
    assert young.sandbox.summary("ferreira")["routes"]["detail"] == fetched["fetched"] - 150


def test_a_window_fetched_and_never_merged_is_not_fetched_again_by_the_next_run(young):
    (window,) = young.plan_history(windows=1)
    first = young.fetch(fast(window), run="history__1", sync_type="historical")
    young.sandbox.clear_log()

    (again,) = young.plan_history(windows=1, run="history__2")
    second = young.sync(fast(again), run="history__2", sync_type="historical")

    assert young.sandbox.summary("ferreira")["routes"].get("detail", 0) == 0
    assert second["inserted"] == second["fetched"] == first["fetched"] > 300


def test_what_changed_since_it_was_landed_is_read_again(young):
    (window,) = young.plan_history(windows=1)
    fetched = young.fetch(fast(window), run="history__1", sync_type="historical")
    truth = complete(young.sandbox.truth("ferreira", window["window_start"], window["window_end"]))
    changed = min(order_id for order_id, order in truth.items() if order["status"] == "invoiced")
    young.sandbox.advance(10)
    young.sandbox.alter("ferreira", changed, status="replaced")
    young.sandbox.clear_log()

    (again,) = young.plan_history(windows=1, run="history__2")
    counts = young.sync(fast(again), run="history__2", sync_type="historical")

    assert [entry["path"].rsplit("/", 1)[1] for entry in young.sandbox.log("ferreira", "detail")] == [changed]
    assert stored(young)[changed] == "replaced"
    assert counts["fetched"] == fetched["fetched"]
    assert counts["superseded"] == 0


def test_a_forced_run_reads_again_what_another_run_landed(young):
    (window,) = young.plan_history(windows=1)
    fetched = young.fetch(fast(window), run="history__1", sync_type="historical")
    young.sandbox.clear_log()

    young.fetch(fast(window) | {"force_refetch": True}, run="history__2", sync_type="historical")

    assert young.sandbox.summary("ferreira")["routes"]["detail"] == fetched["fetched"]


def test_the_windows_of_a_run_land_apart_whatever_their_number(young):
    first, second = young.plan_history(windows=2)
    young.fetch(fast(first), run="history__1", sync_type="historical")

    # The run was cleared, and its second window is now its first.
    fetched = young.fetch(fast(second), run="history__1", sync_type="historical")

    truth = complete(young.sandbox.truth("ferreira", second["window_start"], second["window_end"]))
    assert fetched["fetched"] == len(truth)


def test_a_window_asked_for_by_hand_is_filled_and_nothing_else(young):
    start, end = ((TODAY - timedelta(days=days)).isoformat() for days in (30, 20))

    windows = fill(young, start=start, end=end)

    assert [(window["window_start"], window["window_end"]) for window in windows] == [
        ((TODAY - timedelta(days=27)).isoformat(), (TODAY - timedelta(days=20)).isoformat()),
        ((TODAY - timedelta(days=30)).isoformat(), (TODAY - timedelta(days=27)).isoformat()),
    ]
    gaps = young.value("select reachable from cdp.sync_gaps(%s)", young.sandbox.now)
    assert len(list(gaps)) == 2
    assert young.value("select initial_sync_completed from cdp.tenants") is False


def test_a_window_that_makes_no_sense_is_refused_with_a_sentence(young):
    with pytest.raises(AirflowFailException, match=r"ferreira: .* older than two years"):
        young.plan_history(start="2020-01-01T00:00:00Z", end="2020-02-01T00:00:00Z")


def test_a_disabled_tenants_history_is_skipped_visibly(young):
    young.db.execute("update cdp.tenants set sync_enabled = false")

    with pytest.raises(AirflowSkipException, match="sync_enabled is false"):
        young.plan_history()

    assert young.value("select error from cdp.sync_runs where status = 'skipped'").startswith("ferreira: sync_enabled")


def off_peak_now(shop, monkeypatch, *, yes):
    hour = shop.sandbox.now.astimezone(ZoneInfo(LOCAL_TZ)).hour
    first, last = ((hour - 1) % 24, (hour + 2) % 24) if yes else ((hour + 2) % 24, (hour + 4) % 24)
    monkeypatch.setenv("CDP_OFF_PEAK", f"{first:02d}:00-{last:02d}:00")


def test_in_peak_hours_a_run_of_the_gap_detector_plans_nothing(young, monkeypatch):
    off_peak_now(young, monkeypatch, yes=False)

    with pytest.raises(AirflowSkipException, match=r"off-peak time .* is over"):
        young.plan_history(off_peak_only=True)

    assert len(young.plan_history()) == 6, "by hand it may"


def test_a_window_is_not_begun_after_off_peak_time_and_the_next_run_plans_it_again(young, monkeypatch):
    off_peak_now(young, monkeypatch, yes=True)
    first, second, *_ = young.plan_history(off_peak_only=True)
    assert datetime.fromisoformat(first["not_after"]) > young.sandbox.now
    young.sync(fast(first), run="history__1", sync_type="historical")
    young.sandbox.clear_log()

    late = fast(second) | {"not_after": young.sandbox.now.isoformat()}
    with pytest.raises(AirflowSkipException, match="off-peak time is over"):
        young.fetch(late, run="history__1/1", sync_type="historical")

    assert young.sandbox.log("ferreira") == []
    assert young.plan_history(run="history__2")[0]["window_start"] == second["window_start"]


def test_backfilled_incremental_runs_mark_the_same_coverage(young):
    """Airflow's own backfill: runs of ``cdp_orders__ferreira`` for past intervals."""
    gone = [TODAY - timedelta(days=10) + timedelta(hours=hours) for hours in range(0, 49, 6)]
    for interval_end in gone:
        window = young.plan(run_type="backfill", interval_end=interval_end, run_after=young.sandbox.now)
        young.sync(fast(window), run=f"backfill__{interval_end}")

    gaps = [(r.lower, r.upper) for r in young.value("select reachable from cdp.sync_gaps(%s)", young.sandbox.now)]
    covered = (TODAY - timedelta(days=11), gone[-1] - timedelta(minutes=5))
    (_, first_end), (second_start, _) = gaps
    assert (first_end, second_start) == covered
    truth = complete(young.sandbox.truth("ferreira", *(moment.isoformat() for moment in covered)))
    assert truth.keys() <= stored(young).keys()


def test_history_leaves_last_sync_at_alone(young):
    before = young.value("select last_sync_at from cdp.tenants")

    fill(young, windows=1)

    assert young.value("select last_sync_at from cdp.tenants") == before


def test_a_begun_window_that_others_covered_since_is_forgotten(young):
    (window,) = young.plan_history(windows=1)
    young.fetch(fast(window), run="history__1", sync_type="historical")

    start, end = window["window_start"], (TODAY - timedelta(hours=1)).isoformat()
    young.sync((start, end), run="by hand")

    assert young.value("select count(*) from cdp.sync_checkpoints where status <> 'completed'") == 0


def test_time_vtex_has_forgotten_is_reported_and_not_asked_for(young):
    young.db.execute("update cdp.tenants set go_live_date = '2021-01-01'")

    oldest = young.plan_history()[-1]

    unreachable = young.rows("select * from cdp.sync_checkpoints where status = 'unreachable'")
    assert len(unreachable) == 1
    assert unreachable[0]["window_end"] == datetime.fromisoformat(oldest["window_start"])
    assert young.sync(fast(oldest), run="oldest", sync_type="historical")["inserted"] > 0


def detect(shop, *, run_type="scheduled", tenants=20, active=()):
    """Run the gap detector once, while the DAGs in ``active`` are running."""
    asked = context(
        run_type=run_type,
        run_after=datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
        params={"tenants": tenants},
        get_dr_count=lambda dag_id, states: int(dag_id in active),
    )
    with set_current_context(asked):
        return find_gaps.function()


def also(shop, number, slug):
    shop.db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (%s, %s, %s, %s, %s)",
        (number, slug, slug, slug, TODAY - timedelta(days=30)),
    )


def test_a_detection_triggers_the_history_of_every_tenant_with_a_gap_until_off_peak_time_ends(young, monkeypatch):
    off_peak_now(young, monkeypatch, yes=True)
    also(young, 1, "chelsea")

    assert detect(young) == [
        {
            "trigger_dag_id": f"cdp_history__{slug}",
            "trigger_run_id": "gap__2026-11-20T23:30:00",
            "conf": {"off_peak_only": True},
        }
        for slug in ("chelsea", "ferreira")
    ]


def test_a_late_detection_triggers_nothing_but_notes_what_it_knows(young, monkeypatch):
    off_peak_now(young, monkeypatch, yes=False)
    young.db.execute("update cdp.tenants set initial_sync_completed = true, go_live_date = '2020-01-01'")

    with pytest.raises(AirflowSkipException, match=r"off-peak time .* is over"):
        detect(young)

    assert young.value("select initial_sync_completed from cdp.tenants") is False
    assert young.value("select count(*) from cdp.sync_checkpoints where status = 'unreachable'") == 1


def test_a_detection_by_hand_triggers_in_peak_hours_and_without_a_bound(young, monkeypatch):
    off_peak_now(young, monkeypatch, yes=False)

    (triggered,) = detect(young, run_type="manual")

    assert triggered["conf"] == {"off_peak_only": False}


def test_a_tenant_whose_history_is_under_way_is_left_alone_and_counts(young, monkeypatch):
    off_peak_now(young, monkeypatch, yes=True)
    also(young, 1, "chelsea")
    also(young, 2, "essential")

    triggered = detect(young, tenants=2, active={"cdp_history__chelsea"})

    assert [run["trigger_dag_id"] for run in triggered] == ["cdp_history__essential"]


def test_carts_are_not_stored_and_an_order_the_index_takes_for_one_is(young):
    young.sandbox.open("ferreira", orders_per_day=[45, 55], incomplete_share=0.3, stale_share=0.3)
    (window,) = young.plan_history(windows=1)

    counts = young.sync(fast(window), sync_type="historical")

    truth = young.sandbox.truth("ferreira", window["window_start"], window["window_end"])
    bounds = (window["window_start"], window["window_end"])
    here = young.rows("select order_id from cdp.order_events where order_date >= %s and order_date < %s", *bounds)
    assert {row["order_id"] for row in here} == complete(truth).keys() != truth.keys()
    assert counts["skipped"] >= len(truth) - len(complete(truth))


@pytest.mark.parametrize(("plan", "refused"), [("plan", BadWindow), ("plan_history", AirflowFailException)])
def test_time_that_is_yet_to_come_cannot_be_asked_for_and_so_not_be_covered(young, plan, refused):
    now = young.sandbox.now
    yesterday, tomorrow = (now + timedelta(days=days) for days in (-1, 1))

    planned = getattr(young, plan)(run_after=now, start=yesterday.isoformat(), end=tomorrow.isoformat())

    last = planned if isinstance(planned, dict) else planned[0]
    assert datetime.fromisoformat(last["window_end"]) == now - timedelta(minutes=5)
    with pytest.raises(refused, match="has not begun yet"):
        getattr(young, plan)(run_after=now, start=now.isoformat(), end=tomorrow.isoformat())
