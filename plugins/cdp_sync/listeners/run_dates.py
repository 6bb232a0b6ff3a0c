"""
Listener that ends a run before its first task if its dates cannot be meant.

Airflow leaves a run of a future logical date running without a task, where it holds its DAG's only slot, and ends one
before the DAG's start date green without a task. Neither says why. The scheduler calls the listener for every run,
however it was triggered.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
from airflow.listeners import hookimpl

from cdp_sync import clock

OURS = "cdp_"
"""Prefix of this project's DAGs; runs of others are left alone."""
TRIGGERED = ("manual", "operator_triggered")
CLOCK_DIFFERENCE = timedelta(minutes=1)
"""The UI fills in the browser's clock: one that is fast by less only delays the run until that moment."""


@hookimpl
def on_dag_run_running(dag_run: Any, msg: str) -> None:
    """Fail the run that is about to start, if :func:`refusal` has a reason; the reason is its note."""
    if (reason := refusal(dag_run, clock.now())) is not None:
        dag_run.note = reason
        dag_run.set_state("failed")


def refusal(run: Any, now: datetime) -> str | None:
    """
    Return the reason not to start a run; None to start it.

    :param run: Airflow's ``DagRun``, its DAG attached.
    """
    if not run.dag_id.startswith(OURS) or run.run_type not in TRIGGERED or run.logical_date is None:
        return None
    date, start = run.logical_date, run.dag.start_date
    fault = None
    if date > now + CLOCK_DIFFERENCE:
        fault = f"its logical date {_text(date)} is in the future, and until then no other run of this DAG could start"
    elif start is not None and date < start:
        fault = f"its logical date {_text(date)} is before {_text(start)}, for which Airflow runs no task"
    elif (run.data_interval_start, run.data_interval_end) not in _inferred(run):
        fault = "its data interval was given by hand, which no task reads"
    if fault is None:
        return None
    window = (
        "; a range of time goes into the form: window_start and window_end" if "window_start" in run.dag.params else ""
    )
    return (
        f"{run.dag_id} was not run: {fault}. Trigger it again and leave logical date and data interval alone{window}."
    )


def _inferred(run: Any) -> list[tuple[Any, Any]]:
    """Return the intervals that Airflow fills in: its API by the logical date, its command line by ``run_after``."""
    infer = run.dag.timetable.infer_manual_data_interval
    moments = (pendulum.instance(moment) for moment in (run.logical_date, run.run_after))
    return [(None, None), *(tuple(infer(run_after=moment)) for moment in moments)]


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
