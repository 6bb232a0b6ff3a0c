"""An operator in the web UI: finds the shops, triggers one, clears the run, and the rows stay the same."""

import re

import pytest

from tests.e2e.test_make_up import SHOPS

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
