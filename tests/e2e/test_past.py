"""The past, through the scheduler: found by the detector, backfilled by Airflow, checked on Sunday."""

import time
from datetime import datetime, timedelta

import httpx
import pytest

from tests.e2e.conftest import BEGAN, REFRESH
from tests.e2e.test_make_up import set_token

pytestmark = pytest.mark.timeout(1200)

ZAPATOS, PETBAAR = 18, 11
TODAY = BEGAN.replace(hour=0, minute=0, second=0, microsecond=0)


def run(stack, dag_id, **conf):
    if dag_id == REFRESH:
        stack.let_refresh()
    started = stack.api().call(
        "POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": conf}
    )  # fmt: skip
    return started["dag_run_id"]


def outcome(stack, dag_id, run_id, *, seconds=300):
    """Wait for a run to end; return its state and those of its task instances by (task, name in the UI)."""
    api = stack.api()
    deadline = time.monotonic() + seconds
    while (state := api.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"]) in ("queued", "running"):
        assert time.monotonic() < deadline, f"{dag_id} {run_id} is not over after {seconds} s"
        time.sleep(0.5)
    tasks = api.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances", params={"limit": 100})
    return state, {(t["task_id"], t["rendered_map_index"]): t["state"] for t in tasks["task_instances"]}


def history_runs(stack):
    runs = stack.api().call("GET", "/api/v2/dags/~/dagRuns", params={"limit": 200})["dag_runs"]
    return {r["dag_id"]: r["dag_run_id"] for r in runs if r["dag_id"].startswith("cdp_history__")}


@pytest.fixture(scope="module")
def one_young_shop(stack):
    """Only Zapatos Net has a past: three weeks."""
    stack.execute("update cdp.tenants set go_live_date = current_date")
    stack.execute("update cdp.tenants set go_live_date = current_date - 21 where tenant_id = %s", ZAPATOS)
    yield
    stack.execute("update cdp.tenants set go_live_date = current_date - 60")


def test_the_gap_detector_triggers_the_history_of_every_shop_with_a_gap(
    stack, one_young_shop, page, screenshots, shops_stand_still
):
    detected = run(stack, "cdp_gap_detector")

    state, tasks = outcome(stack, "cdp_gap_detector", detected)
    assert state == "success"
    assert {name for task, name in tasks if task == "fill"} == {"zapatos_net"}
    assert set(history_runs(stack)) == {"cdp_history__zapatos_net"}
    run_id = history_runs(stack)["cdp_history__zapatos_net"]
    state, tasks = outcome(stack, "cdp_history__zapatos_net", run_id)
    page.goto(f"/dags/cdp_history__zapatos_net/runs/{run_id}")
    page.get_by_text("Task Instances").first.wait_for()
    page.screenshot(path=screenshots / "history.png")
    assert (state, set(tasks.values())) == ("success", {"success"})
    weeks = {name for task, name in tasks if task == "merge"}
    assert len(weeks) == 3
    assert all(datetime.fromisoformat(week) for week in weeks)
    assert stack.rows("select initial_sync_completed from cdp.tenants where tenant_id = %s", ZAPATOS) == [(True,)]
    ((stored,),) = stack.rows(
        "select count(*) from cdp.order_events where tenant_id = %s and order_date between %s and %s",
        ZAPATOS, TODAY - timedelta(days=20), TODAY - timedelta(days=2),
    )  # fmt: skip
    truth = httpx.get(
        f"{stack.sandbox}/_sandbox/zapatosnet/truth", trust_env=False,
        params={"start": (TODAY - timedelta(days=20)).isoformat(), "end": (TODAY - timedelta(days=2)).isoformat()},
    ).json()  # fmt: skip
    assert stored == sum(order["isCompleted"] for order in truth) > 200


def test_a_second_detection_finds_nothing_to_do(stack, one_young_shop):
    before = history_runs(stack)

    state, tasks = outcome(stack, "cdp_gap_detector", run(stack, "cdp_gap_detector"))

    assert (state, tasks["fill", None]) == ("success", "skipped")
    assert history_runs(stack) == before


def test_a_week_asked_for_by_hand_is_filled_in_peak_hours(stack):
    start, end = (TODAY - timedelta(days=30)).isoformat(), (TODAY - timedelta(days=27)).isoformat()

    state, _ = outcome(
        stack, "cdp_history__zapatos_net", run(stack, "cdp_history__zapatos_net", window_start=start, window_end=end)
    )

    assert state == "success"
    covered = "select covered @> tstzrange(%s, %s) from cdp.sync_coverage where tenant_id = %s"
    assert stack.rows(covered, start, end, ZAPATOS) == [(True,)]


def test_airflows_own_backfill_marks_the_same_coverage(stack):
    first, last = TODAY - timedelta(days=40), TODAY - timedelta(days=39)
    stack.api().call(
        "POST",
        "/api/v2/backfills",
        json={
            "dag_id": "cdp_orders__petbaar", "from_date": first.isoformat(), "to_date": last.isoformat(),
            "max_active_runs": 1, "run_backwards": False, "dag_run_conf": {},
        },
    )  # fmt: skip
    deadline = time.monotonic() + 240
    covered = "select covered @> tstzrange(%s, %s) from cdp.sync_coverage where tenant_id = %s"

    while stack.rows(covered, first, last, PETBAAR) != [(True,)]:
        assert time.monotonic() < deadline, "the backfill marks no coverage"
        time.sleep(1)


def test_one_shops_failure_does_not_stop_the_refresh_of_the_others(stack, page, screenshots):
    set_token(stack, "chelsea", "not-the-token")
    try:
        run_id = run(stack, "cdp_full_refresh", tenants=["chelsea", "zapatos_net"], days=3)
        state, tasks = outcome(stack, "cdp_full_refresh", run_id)
    finally:
        set_token(stack, "chelsea", "sandbox-token-chelsea")

    page.goto(f"/dags/cdp_full_refresh/runs/{run_id}")
    page.get_by_text("Task Instances").first.wait_for()
    page.screenshot(path=screenshots / "refresh.png")
    assert state == "failed"
    assert {name for task, name in tasks if task == "fetch"} == {"chelsea", "zapatos_net"}
    assert tasks["fetch", "chelsea"] == "failed"
    steps = ("fetch", "stage", "merge", "compare")
    assert {tasks[step, "zapatos_net"] for step in steps} == {"success"}
    checks = "select count(*), bool_and(listed = stored) from cdp.integrity_checks where tenant_id = %s"
    assert stack.rows(checks, ZAPATOS) in ([(4, True)], [(3, True)])  # the last day may have no order yet


def test_a_drift_above_what_is_allowed_fails_the_refresh_after_it_was_healed(stack):
    # Not for the week triggered by hand above: it lies before go_live_date, where no refresh looks.
    lost = (
        "select order_id from cdp.order_events where tenant_id = %s and order_date > now() - interval '15 days' "
        "order by order_date limit 1"
    )
    ((order_id,),) = stack.rows(lost, ZAPATOS)
    for table in ("order_items", "order_addresses", "order_payloads", "order_fetches", "order_events"):
        stack.execute(f"delete from cdp.{table} where tenant_id = %s and order_id = %s", ZAPATOS, order_id)

    run_id = run(stack, "cdp_full_refresh", tenants=["zapatos_net"], days=40, drift_percent=0)
    state, tasks = outcome(stack, "cdp_full_refresh", run_id)

    assert state == "failed"
    assert tasks["compare", "zapatos_net"] == "failed"
    back = "select count(*) from cdp.order_events where tenant_id = %s and order_id = %s"
    assert stack.rows(back, ZAPATOS, order_id) == [(1,)]


def test_stored_documents_are_read_again_and_what_differs_is_put_right(stack, page, screenshots):
    ((orders,),) = stack.rows("select count(distinct order_id) from cdp.order_items where tenant_id = %s", ZAPATOS)
    prices = "select sum(selling_price * quantity) from cdp.order_items where tenant_id = %s"
    before = stack.rows(prices, ZAPATOS)
    stack.execute("update cdp.order_items set selling_price = 0 where tenant_id = %s", ZAPATOS)

    run_id = run(stack, "cdp_replay", tenants=["zapatos_net"])
    state, tasks = outcome(stack, "cdp_replay", run_id)

    page.goto(f"/dags/cdp_replay/runs/{run_id}")
    page.get_by_text(f"{orders} changed").first.wait_for()
    page.screenshot(path=screenshots / "replay.png")
    assert (state, tasks["replay", "zapatos_net"]) == ("success", "success")
    assert stack.rows(prices, ZAPATOS) == before
    found = "select written, differences from cdp.replays where tenant_id = %s order by updated_at desc limit 1"
    assert stack.rows(found, ZAPATOS) == [(orders, {"order_items.selling_price": orders})]
