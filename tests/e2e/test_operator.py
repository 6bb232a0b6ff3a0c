"""An operator in the web UI: finds the shops, triggers one, clears the run, and the rows stay the same."""

import re

import pytest

from tests.e2e.test_make_up import SHOPS
from tests.e2e.test_past import outcome, run

pytestmark = pytest.mark.timeout(600)

FERREIRA = 20


def test_the_eleven_shops_are_on_the_dags_page(page, screenshots):
    page.goto("/dags?tags=orders&limit=50")

    page.get_by_text("11 Dags", exact=True).wait_for()
    shown = page.get_by_role("link", name=re.compile("^Orders · ")).all_inner_texts()
    page.screenshot(path=screenshots / "dags.png", full_page=True)
    assert set(shown) == {f"Orders · {shop}" for shop in SHOPS}


def test_no_dag_file_is_broken(page, screenshots):
    page.goto("/")
    page.get_by_text("Health", exact=True).wait_for()
    page.screenshot(path=screenshots / "home.png")

    assert page.get_by_text("Import Error").count() == 0


def test_a_run_triggered_with_the_form_and_cleared_gives_the_same_rows(page, stack, screenshots, shops_stand_still):
    page.goto("/dags/cdp_orders__ferreira")
    page.get_by_role("button", name="Trigger Dag").click()
    form = page.get_by_role("dialog")
    form.get_by_text("Read all orders of the window again").wait_for()
    form.locator('[id="switch:element_force_refetch"]').click()
    page.screenshot(path=screenshots / "form.png")
    form.get_by_role("button", name="Trigger").click()
    page.wait_for_url("**/dags/cdp_orders__ferreira/runs/**")
    run_id = page.url.rsplit("/", 1)[1]
    stack.wait_for_success("cdp_orders__ferreira", run_id)
    page.get_by_text("3 Task Instances").wait_for()
    page.screenshot(path=screenshots / "run.png")
    triggered = stack.digest(FERREIRA)

    page.get_by_label("Press shift+c to clear").click()
    page.get_by_text("Affected Tasks: 3").wait_for()
    page.screenshot(path=screenshots / "clear.png")
    page.get_by_role("button", name="Confirm").click()
    stack.wait_for_success("cdp_orders__ferreira", run_id, tries=2)
    page.screenshot(path=screenshots / "cleared.png")

    batch = f"cdp_orders__ferreira/{run_id}"
    ((fetched, inserted, updated),) = stack.rows(
        "select fetched, inserted, updated from cdp.sync_runs where batch_id = %s", batch
    )
    assert stack.digest(FERREIRA) == triggered
    assert fetched > 0, "force refetch reads them all again"
    assert (inserted, updated) == (0, 0)


COUNTED = re.compile(r"^\d+ new, \d+ changed, \d+ unchanged, 0 rejected$")


def note(stack, dag_id, run_id):
    return stack.api().call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["note"]


def test_a_runs_page_says_in_one_sentence_what_the_run_did(page, stack, screenshots):
    run_id = run(stack, "cdp_full_refresh", tenants=["20", "petbaar"], days=2)
    assert outcome(stack, "cdp_full_refresh", run_id)[0] == "success"

    page.goto(f"/dags/cdp_full_refresh/runs/{run_id}")

    page.get_by_text(COUNTED).wait_for()
    page.screenshot(path=screenshots / "note.png")
    ((orders,),) = stack.rows("select sum(listed) from cdp.sync_runs where batch_id like %s", f"%{run_id}%")
    assert sum(map(int, re.findall(r"\d+", note(stack, "cdp_full_refresh", run_id)))) == orders


def test_a_note_that_somebody_wrote_is_kept(stack):
    run_id = stack.api().call(
        "POST", "/api/v2/dags/cdp_orders__ferreira/dagRuns", json={"logical_date": None, "note": "for the audit"}
    )["dag_run_id"]

    assert outcome(stack, "cdp_orders__ferreira", run_id)[0] == "success"
    assert note(stack, "cdp_orders__ferreira", run_id) == "for the audit"


def test_a_skip_stands_with_its_reason_in_the_log_of_its_task_and_on_the_runs_page(page, stack, screenshots):
    stack.execute("update cdp.tenants set sync_enabled = false where slug = 'celada_sa'")
    try:
        run_id = run(stack, "cdp_orders__celada_sa")
        assert outcome(stack, "cdp_orders__celada_sa", run_id)[0] == "success"
        standings = stack.command("status").stdout
    finally:
        stack.execute("update cdp.tenants set sync_enabled = true where slug = 'celada_sa'")

    page.goto(f"/dags/cdp_orders__celada_sa/runs/{run_id}/tasks/fetch")
    page.get_by_text("Skipped: celada_sa: sync_enabled is false in cdp.tenants").wait_for()
    page.screenshot(path=screenshots / "skipped.png")
    reason = "celada_sa: sync_enabled is false in cdp.tenants"
    assert note(stack, "cdp_orders__celada_sa", run_id) == f"Skipped: {reason}"
    assert re.search(r"│ Celada SA .*│ sync is off │ skipped ", standings), standings


def test_a_misspelt_parameter_fails_the_run_at_once_and_the_log_shows_the_whole_sentence(page, stack, screenshots):
    run_id = run(stack, "cdp_orders__ferreira", windw_start="2026-03-01T00:00:00Z")

    state, tasks = outcome(stack, "cdp_orders__ferreira", run_id)

    states = {task: state for (task, _), state in tasks.items()}
    assert (state, states["fetch"], states["stage"]) == ("failed", "failed", "upstream_failed")
    page.goto(f"/dags/cdp_orders__ferreira/runs/{run_id}/tasks/fetch")
    said = page.get_by_text("cdp_orders__ferreira has no parameter windw_start")
    said.wait_for()
    page.screenshot(path=screenshots / "refused.png")
    cut_off = (
        "element => element.scrollWidth > element.clientWidth || element.getBoundingClientRect().right > innerWidth"
    )
    assert not said.evaluate(cut_off), "the end of the sentence, what to do, is out of sight"
