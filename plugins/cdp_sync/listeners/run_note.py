"""
Listener that writes the outcome of a run into its note, which the run's page shows.

Airflow calls it where the run ends, in the scheduler, within its transaction: a task has no way to a run's note.
"""

from __future__ import annotations

from typing import Any

from airflow.listeners import hookimpl

from cdp_sync.outcomes import OUTCOME, SAID, SKIPPED_BECAUSE, sentence

LONGEST = 1000
"""Characters of a note that Airflow stores."""


@hookimpl
def on_dag_run_success(dag_run: Any, msg: str) -> None:
    """Note the outcome of a run that succeeded."""
    write_note(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: Any, msg: str) -> None:
    """Note the outcome of a failed run: windows of other shops may be merged."""
    write_note(dag_run)


def write_note(dag_run: Any) -> None:
    """
    Note the outcome of one of our runs; keep a note that somebody wrote.

    :param dag_run: Airflow's ``DagRun``, in the session that will save it.
    """
    # Not at the top: each task imports this module, and none calls it.
    from airflow.models.xcom import XComModel
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or not dag_run.dag_id.startswith("cdp_"):
        return
    wanted = select(XComModel.key, XComModel.value).where(
        XComModel.dag_run_id == dag_run.id, XComModel.key.in_([OUTCOME, SAID, SKIPPED_BECAUSE])
    )
    # In a savepoint, of the connection since the scheduler forbids the session to commit: a statement that fails must
    # not fail the scheduler's transaction.
    with session.no_autoflush, session.connection().begin_nested():
        reported = session.execute(wanted.order_by(XComModel.task_id, XComModel.map_index)).all()
        written = dag_run.dag_run_note
    if written is not None and written.user_id is not None:
        return
    said = [value for key, value in reported if key == SAID and isinstance(value, str)]
    text = "; ".join(said) or sentence(
        [value for key, value in reported if key == OUTCOME and isinstance(value, dict)],
        [value for key, value in reported if key == SKIPPED_BECAUSE and isinstance(value, str)],
    )
    if text:
        dag_run.note = text[:LONGEST]
