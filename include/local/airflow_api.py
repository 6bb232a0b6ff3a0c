"""The few calls of Airflow's REST API that the stack makes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

HEALTH_PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


class AirflowError(Exception):
    """Airflow did not do what it was asked; the message says what."""


class AirflowApi:
    """
    Airflow at ``url``, as one user.

    :param url: of its UI.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._credentials = {"username": user, "password": password}
        # A proxy set for the internet must not be used for this machine.
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def wait_until_healthy(self, seconds: float, check: Callable[[], None]) -> None:
        """
        Wait for all components, then warm up the API that tasks talk to, and log in.

        :param check: called while waiting; raises if waiting is of no use.
        :raises AirflowError: if components are not healthy in time; names them.
        """
        deadline = time.monotonic() + seconds
        ill: list[str] = ["api-server"]
        while ill:
            check()
            if time.monotonic() > deadline:
                raise AirflowError(f"Airflow is not healthy after {seconds:.0f} s: {', '.join(ill)}")
            time.sleep(0.25)
            ill = self.unhealthy()
        # The first call to the execution API builds all its versions: 3 s that the first task need not wait.
        self._http.get("/execution/health").raise_for_status()
        token = self._http.post("/auth/token", json=self._credentials)
        if token.status_code >= 400:
            raise AirflowError(f"Airflow refuses its admin's login ({token.status_code})")
        self._http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def unhealthy(self) -> list[str]:
        """Return the components that do not answer or report that they are unhealthy."""
        try:
            answer = self._http.get("/api/v2/monitor/health", timeout=5)
            health = answer.json() if answer.status_code == 200 else {}
        except (httpx.TransportError, ValueError):
            return ["api-server"]
        return [part for part in HEALTH_PARTS if (health.get(part) or {}).get("status") != "healthy"]

    def dags(self, prefix: str) -> dict[str, bool]:
        """Return the parsed DAGs whose id starts with ``prefix``, and whether each is paused."""
        found = self._all("/api/v2/dags", "dags", dag_id_prefix_pattern=prefix)
        return {dag["dag_id"]: dag["is_paused"] for dag in found if dag["dag_id"].startswith(prefix)}

    def import_errors(self) -> list[str]:
        """Return the import errors of DAG files, one text for each."""
        errors = self._all("/api/v2/importErrors", "import_errors")
        return [f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in errors]

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run a DAG."""
        self.call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str) -> str:
        """Run a DAG now; return the run's id."""
        return str(self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None})["dag_run_id"])

    def runs(self, dag_ids: Sequence[str], *, since: datetime) -> list[dict[str, Any]]:
        """Return the runs that were queued since an instant or are not over, oldest first."""
        body = {"dag_ids": list(dag_ids), "page_limit": 100, "order_by": "-id"}
        found = self.call("POST", "/api/v2/dags/~/dagRuns/list", json=body)["dag_runs"]
        return [run for run in reversed(found) if run["end_date"] is None or _instant(run["queued_at"]) >= since]

    def ran_before(self, dag_id: str, instant: datetime) -> bool:
        """Return whether a run of a DAG was queued before an instant."""
        params = {"limit": 1, "order_by": "id"}
        found = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=params)["dag_runs"]
        return bool(found) and _instant(found[0]["queued_at"]) < instant

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return the tasks of a run."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return list(self.call("GET", path, params={"limit": 100})["task_instances"])

    def active_tasks(self, dag_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the tasks that are running or waiting for a retry."""
        body = {"dag_ids": list(dag_ids), "state": ["running", "up_for_retry"], "page_limit": 100}
        return list(self.call("POST", "/api/v2/dags/~/dagRuns/~/taskInstances/list", json=body)["task_instances"])

    def last_error(self, task: dict[str, Any]) -> str:
        """Return the last error line of a task's log, empty if it has none."""
        path = (
            f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}"
            f"/taskInstances/{task['task_id']}/logs/{task['try_number']}"
        )
        answer = self.call("GET", path, params={"full_content": True, "map_index": task["map_index"]})
        errors = [
            line for line in answer.get("content", [])
            if isinstance(line, dict) and str(line.get("level", "")).lower() in {"error", "critical"}
        ]  # fmt: skip
        return _error_text(errors[-1]) if errors else ""

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """
        Make a call; return the answer's JSON.

        :raises AirflowError: if Airflow refuses or does not answer.
        """
        try:
            answer = self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise AirflowError(f"Airflow's API server does not answer: {error}") from error
        if answer.status_code >= 400:
            raise AirflowError(f"Airflow answers {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer.json()

    def _all(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self.call("GET", path, params={**params, "limit": 100, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found


def _instant(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.max.replace(tzinfo=UTC)


def _error_text(line: dict[str, Any]) -> str:
    """
    Return the exception of a structured log line if it has one, else its event.

    Only the first line: PostgreSQL's second line shows the row, which may be a customer's.
    """
    details = line.get("error_detail") or []
    said = f"{details[0].get('exc_type')}: {details[0].get('exc_value')}" if details else str(line.get("event", ""))
    return said.strip().partition("\n")[0]
