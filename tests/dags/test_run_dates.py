"""Dates with which a run can be triggered: refused with a sentence, or none of our business."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pendulum
import pytest
from airflow.serialization.serialized_objects import DagSerialization

from cdp_sync.listeners.run_dates import refusal
from tests.dags.test_dag_integrity import EXPECTED, SHARED

NOW = datetime(2026, 11, 25, 14, 3, 7, 123456, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def run(dag_bag):
    """Build a run as the scheduler reads it from its database; its interval is inferred unless given."""

    def build(dag_id, *, logical_date=NOW, interval=None, inferred_from=None, run_type="manual", our_name=True):
        dag = DagSerialization.from_dict(DagSerialization.to_dict(dag_bag.dags[dag_id]))
        moment = pendulum.instance(inferred_from or logical_date or NOW)
        start, end = interval or dag.timetable.infer_manual_data_interval(run_after=moment)
        return SimpleNamespace(
            dag_id=dag_id if our_name else f"somebody_elses_{dag_id}",
            dag=dag,
            run_type=run_type,
            run_after=NOW,
            logical_date=logical_date,
            data_interval_start=datetime.fromtimestamp(start.timestamp(), UTC) if logical_date else None,
            data_interval_end=datetime.fromtimestamp(end.timestamp(), UTC) if logical_date else None,
        )

    return build


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_what_the_form_the_api_and_the_command_line_send_by_themselves_is_run(run, dag_id):
    assert refusal(run(dag_id), NOW) is None
    assert refusal(run(dag_id, logical_date=None), NOW) is None
    assert refusal(run(dag_id, logical_date=NOW - 60 * DAY), NOW) is None
    assert refusal(run(dag_id, logical_date=NOW - 60 * DAY, inferred_from=NOW), NOW) is None
    assert refusal(run(dag_id, run_type="operator_triggered"), NOW) is None


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_a_future_date_and_an_interval_given_by_hand_are_refused_with_what_to_do(run, dag_id):
    has_window = dag_id not in SHARED and "customers" not in dag_id
    window = "window_start and window_end" if has_window else "alone."

    future = refusal(run(dag_id, logical_date=NOW + DAY), NOW)
    by_hand = refusal(run(dag_id, logical_date=NOW - DAY, interval=(NOW - 3 * DAY, NOW - DAY)), NOW)

    assert f"{dag_id} was not run: its logical date 2026-11-26T14:03:07Z is in the future" in future
    assert f"{dag_id} was not run: its data interval was given by hand" in by_hand
    assert window in future
    assert window in by_hand


@pytest.mark.parametrize("dag_id", ["cdp_orders__ferreira", "cdp_history__ferreira", "cdp_order_feed", "cdp_warehouse"])
def test_a_date_before_the_dags_start_is_refused(run, dag_id):
    refused = refusal(run(dag_id, logical_date=datetime(2023, 12, 31, tzinfo=UTC)), NOW)

    assert "its logical date 2023-12-31T00:00:00Z is before 2024-01-01T00:00:00Z" in refused


def test_a_browser_whose_clock_is_half_a_minute_fast_can_trigger_a_run(run):
    assert refusal(run("cdp_orders__ferreira", logical_date=NOW + timedelta(seconds=30)), NOW) is None
    assert refusal(run("cdp_orders__ferreira", logical_date=NOW + timedelta(seconds=61)), NOW) is not None


@pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
def test_what_the_scheduler_and_a_backfill_make_is_run(run, run_type):
    interval = (NOW - 60 * DAY, NOW - 59 * DAY)

    assert (
        refusal(run("cdp_orders__ferreira", run_type=run_type, logical_date=interval[0], interval=interval), NOW)
        is None
    )


def test_dags_of_others_are_left_alone(run):
    assert refusal(run("cdp_orders__ferreira", logical_date=NOW + DAY, our_name=False), NOW) is None
