"""Distinction between a connection that does not exist and one that Airflow cannot read now."""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse, GetConnection
from airflow.sdk.execution_time.secrets.execution_api import ExecutionAPISecretsBackend
from airflow.sdk.execution_time.supervisor import ensure_secrets_backend_loaded


class ConnectionUnreadable(Exception):
    """Airflow cannot say whether the connection exists: one of its stores does not answer, or did not a moment ago."""


def confirm_missing(conn_id: str) -> None:
    """
    Return if the connection, which Airflow just said is not defined, does not exist.

    Airflow passes over a store that fails, so it says so during an outage of its own as well. This asks each store
    again and passes over none.

    :raises ConnectionUnreadable: if a store fails, or has the connection now.
    """
    for store in ensure_secrets_backend_loaded():
        try:
            found = _ask(store, conn_id)
        except Exception as failure:
            kind = failure.error.error.value if isinstance(failure, AirflowRuntimeError) else type(failure).__name__
            raise ConnectionUnreadable(
                f"connection {conn_id} cannot be read: Airflow does not answer ({kind}); "
                "Airflow retries; see to its API server, its database and its secrets backend"
            ) from failure
        if found:
            raise ConnectionUnreadable(f"connection {conn_id} could not be read: Airflow did not answer")


def _ask(store: Any, conn_id: str) -> bool:
    if not isinstance(store, ExecutionAPISecretsBackend):
        return store.get_connection(conn_id=conn_id) is not None
    # That store hides its own failures; the question it asks does not.
    answer = task_runner.SUPERVISOR_COMMS.send(GetConnection(conn_id=conn_id))
    if not isinstance(answer, ErrorResponse):
        return True
    if answer.error != ErrorType.CONNECTION_NOT_FOUND:
        raise AirflowRuntimeError(answer)
    return False
