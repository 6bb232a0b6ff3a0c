"""Every DAG file imports, makes the DAGs it should, and they keep the house rules."""

import copy
from datetime import datetime

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import ParamValidationError
from airflow.timetables.base import TimeRestriction

from tests.dags.conftest import REGISTRY

SHARED = {"cdp_warehouse", "cdp_gap_detector", "cdp_full_refresh", "cdp_order_feed", "cdp_replay", "cdp_clv_training"}
EXPECTED = SHARED | {
    f"cdp_{kind}__{slug}" for kind in ("orders", "history", "customers") for slug in ("ferreira", "petbaar")
}
LOCAL_TZ = "America/Argentina/Buenos_Aires"


def test_every_file_imports_and_exactly_the_expected_dags_exist(dag_bag):
    assert dag_bag.import_errors == {}
    assert set(dag_bag.dags) == EXPECTED


def test_without_a_registry_there_are_no_tenant_dags_and_no_import_error(parse):
    dag_bag = parse("[]")

    assert (dag_bag.import_errors, set(dag_bag.dags)) == ({}, SHARED)


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
    assert dag.is_paused_upon_creation is False
    assert all(task.owner == "cdp" for task in dag.tasks)


@pytest.mark.parametrize(
    ("dag_id", "cron"),
    [
        ("cdp_orders__ferreira", "0 0,6,12,18 * * *"),
        ("cdp_orders__petbaar", "0 0,12 * * *"),
        ("cdp_full_refresh", "0 2 * * 0"),
        ("cdp_order_feed", "*/5 * * * *"),
        ("cdp_gap_detector", "30 20,21,22,23,0,1,2,3,4,5,6 * * *"),
        ("cdp_warehouse", "50 * * * *"),
        ("cdp_clv_training", "30 4 * * 1"),
    ],
)
def test_schedules_are_in_argentina_time(dag_bag, dag_id, cron):
    schedule = dag_bag.dags[dag_id].timetable.serialize()

    assert (schedule["expression"], schedule["timezone"]) == (cron, LOCAL_TZ)


@pytest.mark.parametrize("now", ["2026-11-22T05:00:01Z", "2026-11-22T15:00:00Z", "2026-11-24T02:30:01Z"])
@pytest.mark.parametrize("dag_id", ["cdp_full_refresh", "cdp_gap_detector", "cdp_clv_training"])
def test_what_is_for_the_night_does_not_run_at_once_when_it_is_deployed(dag_bag, dag_id, now, monkeypatch):
    dag = dag_bag.dags[dag_id]
    monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda: datetime.fromisoformat(now))
    first = dag.timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(dag.start_date, None, catchup=False)
    )

    assert first.run_after > datetime.fromisoformat(now)


@pytest.mark.parametrize("dag_id", ["cdp_orders__ferreira", "cdp_history__ferreira"])
def test_runs_of_any_date_one_may_ask_for_come_after_the_start_date(dag_bag, dag_id):
    assert dag_bag.dags[dag_id].start_date.isoformat().startswith("2024-01-01")


def test_off_peak_hours_are_the_deployments_choice(parse, monkeypatch):
    monkeypatch.setenv("CDP_OFF_PEAK", "22:00-05:00")

    schedule = parse(REGISTRY).dags["cdp_gap_detector"].timetable.serialize()

    assert schedule["expression"] == "30 22,23,0,1,2,3,4 * * *"


def test_off_peak_hours_nobody_can_read_say_how_to_write_them(parse, monkeypatch):
    monkeypatch.setenv("CDP_OFF_PEAK", "at night")

    (error,) = parse(REGISTRY).import_errors.values()

    assert "CDP_OFF_PEAK is 'at night'; write off-peak hours as 20:00-07:00" in error


def test_history_is_triggered_never_scheduled(dag_bag):
    assert dag_bag.dags["cdp_history__ferreira"].schedule is None


@pytest.mark.parametrize("dag_id", ["cdp_history__ferreira", "cdp_full_refresh"])
def test_every_sync_type_has_the_same_window_tasks_mapped_or_not(dag_bag, dag_id):
    incremental, mapped = dag_bag.dags["cdp_orders__ferreira"], dag_bag.dags[dag_id]
    steps = ("fetch", "stage", "merge")

    for step in steps:
        ours, theirs = incremental.get_task(step), mapped.get_task(step)
        assert ours.task_type == theirs.task_type
        assert theirs.get_closest_mapped_task_group() is not None
        assert ours.downstream_task_ids == theirs.downstream_task_ids & set(steps)


def test_the_feed_is_drained_before_anything_is_fetched_and_committed_after_it_is_merged(dag_bag):
    dag = dag_bag.dags["cdp_order_feed"]
    downstream = {task.task_id: task.downstream_task_ids for task in dag.tasks}

    assert downstream["drain"] == {"fetch"}
    assert downstream["fetch"] == {"stage"}
    assert downstream["stage"] == {"merge"}
    assert downstream["merge"] == {"commit"}
    assert downstream["commit"] == {"check_feeds"}
    assert {task.trigger_rule for task in dag.tasks if task.task_id != "check_feeds"} == {"all_success"}


def test_the_run_of_the_feeds_is_as_green_as_its_last_task_which_always_runs(dag_bag):
    dag = dag_bag.dags["cdp_order_feed"]

    assert [task.task_id for task in dag.leaves] == ["check_feeds"]
    assert dag.get_task("check_feeds").trigger_rule == "all_done"


def test_history_comes_last_and_what_was_begun_is_finished_first(dag_bag):
    order = [
        dag_bag.dags[dag_id].get_task(task_id).priority_weight
        for dag_id, task_id in (
            ("cdp_history__ferreira", "fetch"),
            ("cdp_history__ferreira", "merge"),
            ("cdp_full_refresh", "fetch"),
            ("cdp_full_refresh", "merge"),
            ("cdp_orders__ferreira", "fetch"),
            ("cdp_orders__ferreira", "merge"),
        )
    ]

    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_a_refresh_is_compared_after_it_was_merged_and_judged_after_that(dag_bag):
    dag = dag_bag.dags["cdp_full_refresh"]

    assert dag.get_task("merge").downstream_task_ids == {"compare"}
    assert dag.get_task("compare").downstream_task_ids == set()


def test_a_window_is_fetched_staged_and_merged_in_this_order_and_nothing_else(dag_bag):
    dag = dag_bag.dags["cdp_orders__ferreira"]

    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "fetch": ["stage"],
        "stage": ["merge"],
        "merge": [],
    }


@pytest.mark.parametrize(
    ("dag_id", "last"),
    [
        ("cdp_orders__ferreira", "merge"),
        ("cdp_history__ferreira", "merge"),
        ("cdp_order_feed", "commit"),
        ("cdp_full_refresh", "compare"),
    ],
)
def test_the_last_task_of_a_window_and_no_other_checks_what_the_window_wrote(dag_bag, dag_id, last):
    dag = dag_bag.dags[dag_id]
    checks = {
        task.task_id: (task.partial_kwargs if task.is_mapped else vars(task)).get("checks", ()) for task in dag.tasks
    }

    assert {task_id for task_id, checked in checks.items() if "checks/orders" in checked} == {last}
    assert ("checks/refresh" in checks[last]) == (dag_id == "cdp_full_refresh")


def test_every_task_of_a_window_is_retried_with_backoff(dag_bag):
    dag = dag_bag.dags["cdp_orders__ferreira"]

    for task in dag.tasks:
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
    monkeypatch.setenv("CDP_POOLS", "incremental, full")

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

    assert {dag_id for dag_id in parse(REGISTRY).dags if "__" in dag_id} == {"cdp_orders__petbaar"}


def test_every_dag_has_a_name_people_read_and_what_operators_look_for_comes_first(dag_bag):
    names = {dag.dag_display_name: dag_id for dag_id, dag in dag_bag.dags.items()}

    assert not names.keys() & dag_bag.dags.keys()
    assert [names[name].rpartition("__")[0] or names[name] for name in sorted(names)] == [
        "cdp_orders", "cdp_orders", "cdp_order_feed", "cdp_history", "cdp_history", "cdp_gap_detector",
        "cdp_customers", "cdp_customers", "cdp_clv_training", "cdp_replay", "cdp_warehouse", "cdp_full_refresh",
    ]  # fmt: skip


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_every_field_of_a_form_has_a_default_that_is_valid_and_a_description(dag_bag, dag_id):
    params = dag_bag.dags[dag_id].params

    assert params.validate() == params.dump()
    assert all(params.get_param(name).description for name in params)


def test_no_task_of_a_tenants_dag_carries_a_copy_of_the_form(dag_bag):
    for dag_id in ("cdp_orders__ferreira", "cdp_history__ferreira", "cdp_customers__ferreira"):
        assert all(not task.params for task in dag_bag.dags[dag_id].tasks if not task.is_mapped)


def test_what_all_others_depend_on_goes_first(dag_bag):
    urgent = [task for dag_id in ("cdp_warehouse", "cdp_gap_detector") for task in dag_bag.dags[dag_id].tasks]
    others = [
        task for dag_id in EXPECTED - {"cdp_warehouse", "cdp_gap_detector"} for task in dag_bag.dags[dag_id].tasks
    ]

    assert min(task.priority_weight for task in urgent) > max(task.priority_weight for task in others)
    assert {task.weight_rule for task in [*urgent, *others]} == {"absolute"}


@pytest.mark.parametrize("rate", [0.01, 1e308, -1])
def test_a_pace_that_never_ends_or_is_none_is_refused_by_the_form(dag_bag, rate):
    params = copy.deepcopy(dag_bag.dags["cdp_history__ferreira"].params)

    with pytest.raises(ParamValidationError):
        params["requests_per_second"] = rate


def test_customers_are_calculated_after_a_sync_and_at_night_each_shop_in_a_minute_of_its_own(dag_bag):
    dag = dag_bag.dags["cdp_customers__ferreira"]

    assert [asset.uri for asset in dag.timetable.asset_condition.objects] == ["cdp://orders/ferreira"]
    assert dag.timetable.timetable.serialize()["expression"] == "20 4 * * *"
    assert [task.task_id for task in dag.topological_sort()] == ["identify", "profile", "score", "journey"]
    assert [(asset.name, asset.uri) for asset in dag.get_task("journey").outlets] == [
        ("cdp_customers__ferreira", "cdp://customers/ferreira")
    ]
    others = [task for other in ("orders", "history") for task in dag_bag.dags[f"cdp_{other}__ferreira"].tasks]
    assert {task.priority_weight for task in dag.tasks} < {task.priority_weight for task in others} | {1}
