"""Every DAG file imports, makes the DAGs it should, and they keep the house rules."""

import pytest
from airflow.sdk import Asset

from tests.dags.conftest import REGISTRY

EXPECTED = {"cdp_orders__ferreira", "cdp_orders__petbaar", "cdp_warehouse"}
LOCAL_TZ = "America/Argentina/Buenos_Aires"


def test_every_file_imports_and_exactly_the_expected_dags_exist(dag_bag):
    assert dag_bag.import_errors == {}
    assert set(dag_bag.dags) == EXPECTED


def test_without_a_registry_there_are_no_tenant_dags_and_no_import_error(parse):
    dag_bag = parse("[]")

    assert (dag_bag.import_errors, set(dag_bag.dags)) == ({}, {"cdp_warehouse"})


def test_a_bad_entry_of_the_registry_takes_no_other_dag_away(parse):
    dag_bag = parse([*REGISTRY, {**REGISTRY[0], "slug": "not a slug"}, {"slug": "broken"}])

    assert (dag_bag.import_errors, set(dag_bag.dags)) == ({}, EXPECTED)


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_a_dag_keeps_the_house_rules(dag_bag, dag_id):
    dag = dag_bag.dags[dag_id]

    assert dag.doc_md
    assert dag.tags
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert dag.start_date.isoformat().startswith("2024-01-01")
    assert dag.timetable.serialize()["timezone"] == LOCAL_TZ
    assert all(task.owner == "cdp" for task in dag.tasks)


@pytest.mark.parametrize(
    ("dag_id", "cron"), [("cdp_orders__ferreira", "0 0,6,12,18 * * *"), ("cdp_orders__petbaar", "0 0,12 * * *")]
)
def test_the_schedule_follows_the_tenants_frequency_in_argentina_time(dag_bag, dag_id, cron):
    assert dag_bag.dags[dag_id].timetable.serialize()["expression"] == cron


def test_a_window_is_fetched_staged_merged_and_verified_in_this_order(dag_bag):
    dag = dag_bag.dags["cdp_orders__ferreira"]

    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "plan": ["fetch"],
        "fetch": ["stage"],
        "stage": ["merge"],
        "merge": ["verify_columns", "verify_orders"],
        "verify_columns": [],
        "verify_orders": [],
    }


def test_what_may_fail_for_a_while_is_retried_with_backoff_and_what_may_not_is_not(dag_bag):
    dag = dag_bag.dags["cdp_orders__ferreira"]

    for task in dag.tasks:
        if task.task_id.startswith("verify"):
            assert task.retries == 0
        else:
            assert task.retries == 3
            assert task.retry_exponential_backoff


def test_the_merge_produces_the_tenants_orders_asset(dag_bag):
    merge = dag_bag.dags["cdp_orders__ferreira"].get_task("merge")

    assert [(asset.name, asset.uri) for asset in merge.outlets if isinstance(asset, Asset)] == [
        ("cdp_orders__ferreira", "cdp://orders/ferreira")
    ]


def test_without_configured_pools_no_task_waits_for_one(parse, monkeypatch):
    monkeypatch.delenv("CDP_POOLS", raising=False)

    pools = {task.pool for task in parse(REGISTRY).dags["cdp_orders__ferreira"].tasks}

    assert pools == {"default_pool"}


def test_a_configured_pool_holds_every_task_of_its_sync_type(parse, monkeypatch):
    monkeypatch.setenv("CDP_POOLS", "incremental:cdp_incremental,full:cdp_full")

    pools = {task.pool for task in parse(REGISTRY).dags["cdp_orders__ferreira"].tasks}

    assert pools == {"cdp_incremental"}


def test_a_tenants_dag_starts_without_anybody_unpausing_it(dag_bag):
    assert dag_bag.dags["cdp_orders__ferreira"].is_paused_upon_creation is False


def test_the_form_offers_a_window_and_a_forced_refetch(dag_bag):
    params = dag_bag.dags["cdp_orders__ferreira"].params

    assert params.dump() == {"window_start": None, "window_end": None, "force_refetch": False}


def test_at_task_time_only_the_dag_asked_for_is_built(parse, monkeypatch):
    from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID as ASKED

    monkeypatch.setenv(ASKED, "cdp_orders__petbaar")

    assert {dag_id for dag_id in parse(REGISTRY).dags if dag_id.startswith("cdp_orders")} == {"cdp_orders__petbaar"}
