"""Customers are calculated after each sync, in steps that can fail, be cleared and go on."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cdp_sync.operators.customers.step import STEPS, CustomerStepOperator
from cdp_sync.outcomes import SAID, SKIPPED_BECAUSE
from tests.integration.conftest import MONTH

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

NOW = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
MEASURES = (
    "customers", "customer_identifiers", "identity_edges", "customer_orders", "customer_profiles", "customer_rfm",
    "customer_clv", "customer_journeys", "customer_journey_events", "journey_thresholds", "customer_months",
    "blocked_identifiers",
)  # fmt: skip


@pytest.fixture
def customers(synced):
    return Customers(synced)


class Customers:
    """Calculations of a synced shop's customers."""

    def __init__(self, shop):
        self.shop, self.pushed = shop, {}

    def run(self, run_id, *steps, run_type="asset_triggered", at=NOW, **params):
        run = SimpleNamespace(run_id=run_id, run_type=run_type, run_after=at)
        ti = SimpleNamespace(xcom_push=self.pushed.__setitem__)
        counts = {}
        for step in steps or STEPS:
            operator = CustomerStepOperator(step=step, tenant="ferreira", tenant_id=20)
            counts |= operator.execute({"dag_run": run, "params": params, "ti": ti})
        return counts

    def measures(self):
        return {
            table: [
                row["line"]
                for row in self.shop.rows(
                    "select (to_jsonb(t) - '{as_of,sync_run_id}'::text[])::text as line "
                    f"from cdp.{table} as t where tenant_id = 20 order by 1"
                )
            ]
            for table in MEASURES
        }


def test_every_order_of_somebody_is_valued_and_every_customer_has_a_profile_a_score_and_a_stage(customers):
    counts = customers.run("first")

    shop = customers.shop
    known = shop.value("select count(*) from cdp.order_buyers")
    assert counts["changed"] == shop.value("select count(*) from cdp.order_events") >= known
    assert shop.value("select count(*) from cdp.customer_orders") == known - counts["anonymous"]
    people = shop.value("select count(*) from cdp.customers")
    assert 0 < people < known
    assert counts["touched"] == counts["created"] == people
    assert shop.value("select count(*) from cdp.customer_profiles") == people
    assert shop.value("select count(*) from cdp.customer_journeys") == people
    assert shop.value("select count(*) from cdp.customer_rfm") == shop.value(
        "select count(*) from cdp.customer_profiles where orders > 0"
    )
    assert shop.value("select sum(net) from cdp.customer_profiles") == shop.value(
        "select sum(net) from cdp.customer_orders where outcome = 'revenue'"
    )
    assert shop.value("select count(*) from cdp.customer_orders where outcome = 'unknown'") == 0
    assert shop.value("select count(*) from cdp.customer_360") == people
    assert shop.value("select sum(orders) from cdp.revenue_daily") == shop.value(
        "select count(*) from cdp.customer_orders where outcome = 'revenue'"
    )
    assert shop.value("select count(*) from cdp.order_changes") == 0
    assert shop.value("select count(*) from cdp.customers_touched") == 0
    assert customers.pushed[SAID].startswith(f"{people} customers calculated: {people} new, 0 merged")
    (row,) = shop.rows("select * from cdp.customer_calculations")
    newest = shop.value("select max(sync_run_id) from cdp.sync_runs")
    assert (row["run_id"], row["as_of"], row["everyone"], row["sync_run_id"]) == ("first", NOW, True, newest)


def test_nothing_changed_is_skipped_and_says_so(customers):
    customers.run("first")
    before = customers.measures()

    with pytest.raises(AirflowSkipException):
        customers.run("second", at=NOW + timedelta(hours=6))

    assert customers.pushed[SKIPPED_BECAUSE] == "ferreira: no order changed since the last calculation"
    assert customers.measures() == before


def test_a_changed_order_moves_only_its_customers_and_everyone_agrees(customers):
    customers.run("first")
    shop = customers.shop
    shop.sandbox.advance(3600)
    order_id = shop.value("select min(order_id) from cdp.customer_orders where outcome = 'revenue'")
    shop.sandbox.alter("ferreira", order_id, status="canceled")
    shop.sync(MONTH, run="changed", sync_type="historical", force_refetch=True)
    later = NOW + timedelta(hours=6)

    counts = customers.run("second", at=later)

    assert shop.value("select outcome from cdp.customer_orders where order_id = %s", order_id) == "cancelled"
    assert 0 < counts["touched"] < 20
    incremental = customers.measures()
    customers.run("night", run_type="scheduled", at=later)
    assert customers.measures() == incremental
    for table in MEASURES:
        shop.db.execute(f"delete from cdp.{table}")
    customers.run("anew", run_type="manual", at=later, everyone=True)
    assert customers.measures() == incremental


def test_a_step_that_fails_leaves_its_customers_to_the_next_run_and_can_be_cleared(customers, monkeypatch):
    def fail(db, of):
        db.run("intelligence/runs/forget_touched", tenant_id=of.tenant_id)
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setitem(STEPS, "score", fail)
        with pytest.raises(ZeroDivisionError):
            customers.run("first")
    people = customers.shop.value("select count(*) from cdp.customers")
    assert customers.shop.value("select count(*) from cdp.customers_touched") == people
    assert customers.shop.value("select count(*) from cdp.customer_journeys") == 0

    customers.run("first", "score", "journey")

    cleared = customers.measures()
    assert customers.shop.value("select count(*) from cdp.customer_journeys") == people
    assert customers.shop.value("select count(*) from cdp.customers_touched") == 0
    customers.run("first", run_type="manual", everyone=True)
    assert customers.measures() == cleared


def join_two(customers):
    """Have a customer's order show the VTEX profile of another; return the edge that makes them one."""
    shop = customers.shop
    two = shop.rows(
        "select distinct on (document_key) order_id, document_key, profile_key, "
        "payload.document -> 'clientProfileData' as shown from cdp.order_buyers as buyer "
        "inner join cdp.order_payloads as payload using (tenant_id, order_id) "
        "where document_key is not null and company_key is null order by document_key, order_id desc limit 2"
    )
    first, second = (row["shown"] for row in two)
    shop.sandbox.advance(60)
    shop.sandbox.alter(
        "ferreira", two[1]["order_id"], clientProfileData=second | {"userProfileId": first["userProfileId"]}
    )
    shop.sync(MONTH, run="joining", sync_type="historical", force_refetch=True)
    assert customers.run("joined")["merged"] == 1
    return {"left_key": str(two[1]["document_key"]), "right_key": str(two[0]["profile_key"])}


def test_an_unmerge_from_the_form_parts_two_people_who_stay_apart_until_it_is_undone(customers):
    customers.run("first")
    shop, apart_first = customers.shop, customers.measures()
    keys = join_two(customers)
    before = customers.measures()
    assert len(before["customers"]) == len(apart_first["customers"]) - 1

    asked = keys | {"reason": "mother and daughter"}
    counts = customers.run("apart", run_type="manual", **asked)

    assert counts["split"] == 1
    apart = customers.measures()
    assert len(apart["customers"]) == len(apart_first["customers"])
    assert len(apart["customer_profiles"]) == len(apart_first["customer_profiles"])
    (split,) = shop.rows("select reason, split_by from cdp.identity_splits")
    assert split == {"reason": "mother and daughter", "split_by": "apart"}
    customers.run("night", run_type="scheduled")
    assert customers.measures() == apart
    shop.sync(MONTH, run="again", sync_type="historical", force_refetch=True)
    customers.run("later", run_type="manual", everyone=True)
    assert customers.measures() == apart

    assert customers.run("undone", run_type="manual", undo=True, **keys)["merged"] == 1

    assert customers.measures() == before


def test_an_unmerge_that_cannot_be_done_says_why_and_writes_nothing(customers):
    customers.run("first")
    keys = join_two(customers)
    before = customers.measures()

    for asked, problem in (
        ({"right_key": None}, "ferreira: an un-merge needs two different keys"),
        ({"left_key": keys["right_key"]}, "ferreira: an un-merge needs two different keys"),
        ({"reason": ""}, "ferreira: an un-merge needs a reason"),
        ({"reason": None}, "ferreira: an un-merge needs a reason"),
        ({"undo": True}, "ferreira: these identifiers are not un-merged"),
        ({"left_key": str(UUID(int=1)), "right_key": str(UUID(int=2))}, "ferreira: no customer has these identifiers"),
    ):
        with pytest.raises(AirflowFailException, match=problem):
            customers.run("apart", run_type="manual", **keys | {"reason": "two people"} | asked)

    assert customers.measures() == before
    for table in ("identity_splits", "order_changes"):
        assert customers.shop.value(f"select count(*) from cdp.{table}") == 0
    assert customers.shop.value("select count(*) from cdp.customer_calculations") == 2


def test_a_task_of_a_run_that_has_not_begun_says_what_to_clear(customers):
    with pytest.raises(AirflowFailException, match="ferreira: this run has not begun; clear its task identify"):
        customers.run("never", "profile")


def test_an_earlier_moment_sees_what_was_known_then(customers):
    moment = datetime.fromisoformat("2026-11-05T00:00:00+00:00")

    customers.run("past", run_type="manual", everyone=True, as_of=moment.isoformat())

    assert customers.shop.value("select max(order_date) from cdp.customer_orders") < moment
    assert customers.shop.value("select count(*) from cdp.order_changes") > 0
