"""Plans of runs: what a form may say. No database, no VTEX: a wrong form is refused before either is asked."""

from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.context import set_current_context

from cdp_sync.forms import FEED_FORM, GAPS_FORM, HISTORY_FORM, ORDERS_FORM, REFRESH_FORM
from cdp_sync.operators.gap_detector import find_gaps
from cdp_sync.operators.plan_feeds import plan_feeds
from cdp_sync.operators.plan_history import plan_history
from cdp_sync.operators.plan_incremental import plan_incremental
from cdp_sync.operators.plan_refresh import plan_refresh
from cdp_sync.operators.planning import chosen
from cdp_sync.tenants import Tenant
from tests.conftest import context

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FERREIRA = {"tenant_id": 20, "tenant": "ferreira"}
PLANS = {
    "cdp_orders__ferreira": (ORDERS_FORM, lambda asked: plan_incremental(asked, None, **FERREIRA)),
    "cdp_history__ferreira": (HISTORY_FORM, lambda asked: plan_history.function(**FERREIRA)),
    "cdp_gap_detector": (GAPS_FORM, lambda asked: find_gaps.function()),
    "cdp_full_refresh": (REFRESH_FORM, lambda asked: plan_refresh.function()),
    "cdp_order_feed": (FEED_FORM, lambda asked: plan_feeds.function()),
}


@pytest.mark.parametrize("dag_id", PLANS)
def test_a_misspelt_parameter_is_refused_at_once_with_the_right_names(dag_id):
    form, plan = PLANS[dag_id]
    defaults = {name: param.value for name, param in form.items()}
    asked = context(dag_id=dag_id, params=defaults, conf={"windw_start": "2026-03-01T00:00:00Z"}, run_after=NOON)

    with set_current_context(asked), pytest.raises(AirflowFailException) as refused:
        plan(asked)

    assert str(refused.value) == (
        f"{dag_id} has no parameter windw_start, so nothing was done: trigger it again with {', '.join(form)}"
    )


def tenant(number, slug):
    return Tenant(tenant_id=number, tenant_name=slug.title(), slug=slug, vtex_account=slug, sync_frequency_hours=6)


SHOPS = [tenant(3, "chelsea"), tenant(20, "ferreira"), tenant(11, "petbaar")]


@pytest.mark.parametrize(
    ("asked_for", "found"),
    [
        (None, ["chelsea", "ferreira", "petbaar"]),
        ([], ["chelsea", "ferreira", "petbaar"]),
        (["petbaar"], ["petbaar"]),
        (["20"], ["ferreira"]),
        (["20", "ferreira", " 3 "], ["chelsea", "ferreira"]),
    ],
)
def test_a_form_names_tenants_by_slug_or_id(asked_for, found):
    assert chosen(asked_for, SHOPS) == found


def test_a_tenant_nobody_knows_is_refused_with_those_there_are():
    with pytest.raises(AirflowFailException) as refused:
        chosen(["20", "2", "Ferreira"], SHOPS)

    assert str(refused.value) == (
        "no active tenant is called 2, Ferreira: trigger the run again with one of chelsea (3), ferreira (20), "
        "petbaar (11)"
    )
