"""One sync of every tenant, run by the scheduler and followed to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from local.airflow_api import AirflowApi, AirflowError
from local.tenant_status import Counts, Customers, Shop, counts, customers, stored

PREFIX = "cdp_orders__"
WAREHOUSE_DAG = "cdp_warehouse"
APPEARANCE = 120.0
"""Seconds a DAG may take to appear; the DAG processor checks every 5."""
PATIENCE = 8.0
"""Seconds to wait for a scheduled run; the scheduler starts one at once for a DAG it never ran."""
OVER = {"success", "failed"}


@dataclass
class Progress:
    """Progress of one tenant's run."""

    shop: Shop
    run_id: str | None = None
    run_state: str = ""
    task: str = "no DAG yet"
    began: datetime | None = None
    ended: datetime | None = None
    counts: Counts | None = None
    stored: int | None = None
    failure: str = ""
    seen_at: float = field(default=0.0, repr=False)

    @property
    def over(self) -> bool:
        return self.run_state in OVER

    @property
    def synced(self) -> bool:
        """Success. For a tenant whose sync is switched off, a skipped run is one."""
        return self.run_state == "success" and (
            not self.shop.sync_enabled or (self.counts is not None and self.counts.status == "completed")
        )

    @property
    def state(self) -> str:
        """State in one or two words, as printed."""
        if not self.over:
            return self.task
        if self.synced:
            return "synced" if self.shop.sync_enabled else "sync is off"
        return "failed" if self.run_state == "failed" else "not synced"

    @property
    def seconds(self) -> float:
        if self.began is None:
            return 0.0
        return ((self.ended or datetime.now(UTC)) - self.began).total_seconds()


def run_once(api: AirflowApi, dag_id: str, *, since: datetime, seconds: float) -> None:
    """
    Wait for one run of a DAG to succeed: the current one, else a new one.

    :raises AirflowError: if it does not succeed in time.
    """
    deadline = time.monotonic() + seconds
    while dag_id not in api.dags(dag_id):
        if time.monotonic() > deadline:
            raise AirflowError(f"DAG {dag_id} did not appear: {_parse_trouble(api)}")
        time.sleep(0.5)
    api.unpause(dag_id)
    run_id = None
    first_look = time.monotonic()
    while True:
        for run in api.runs([dag_id], since=since):
            if run["state"] == "failed":
                raise AirflowError(f"{dag_id}: {explain_failure(api, dag_id, run['dag_run_id'])}")
            if run["state"] == "success":
                return
            run_id = run["dag_run_id"]
        if run_id is None and (time.monotonic() - first_look > PATIENCE or api.ran_before(dag_id, since)):
            run_id = api.trigger(dag_id)
        if time.monotonic() > deadline:
            raise AirflowError(f"{dag_id} is not done after {seconds:.0f} s: {_what_it_waits_for(api, dag_id, run_id)}")
        time.sleep(0.3)


def sync_all(
    api: AirflowApi,
    warehouse_dsn: str,
    shops: Sequence[Shop],
    *,
    since: datetime,
    seconds: float,
    show: Callable[[list[Progress]], None],
) -> list[Progress]:
    """
    Wait for one run of every tenant: the scheduled one if there is one, else a triggered one.

    :param since: runs that were queued before it and are over are ignored.
    :param show: called with the present state several times a second.
    :return: the final progress; a tenant that is not ``over`` did not finish in time.
    """
    deadline = time.monotonic() + seconds
    tenants = [Progress(shop) for shop in shops]
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        while True:
            _follow(api, tenants, since)
            batches = [f"{t.shop.dag_id}/{t.run_id}" for t in tenants if t.run_id]
            known = counts(connection, batches)
            for tenant in tenants:
                tenant.counts = known.get(f"{tenant.shop.dag_id}/{tenant.run_id}")
            show(tenants)
            if all(t.over for t in tenants) or time.monotonic() > deadline:
                break
            time.sleep(0.4)
    orders = stored(warehouse_dsn)
    for tenant in tenants:
        tenant.stored = orders.get(tenant.shop.slug, 0)
        tenant.failure = "" if tenant.synced else _why(api, tenant, seconds)
    return tenants


def calculated(warehouse_dsn: str, *, seconds: float) -> Customers:
    """Wait until the customers of every tenant were calculated, for some seconds at most; return how far they are."""
    deadline = time.monotonic() + seconds
    while (found := customers(warehouse_dsn)).waiting and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def explain_failure(api: AirflowApi, dag_id: str, run_id: str) -> str:
    """Return a sentence naming the failed task of a run and the last error of its log."""
    for task in api.task_instances(dag_id, run_id):
        if task["state"] in {"failed", "up_for_retry"}:
            said = api.last_error(task) or "its log holds no error; it was probably killed"
            return f"task {task['task_id']} failed: {said}"
    return "no task failed; see the run in the UI"


def _follow(api: AirflowApi, tenants: list[Progress], since: datetime) -> None:
    """Update every tenant's progress, and trigger a run for those that have none."""
    dags = api.dags(PREFIX)
    present = [t for t in tenants if t.shop.dag_id in dags and not t.over]
    if not present:
        return
    dag_ids = [t.shop.dag_id for t in present]
    runs = {run["dag_id"]: run for run in api.runs(dag_ids, since=since)}
    active = {task["dag_id"]: task for task in api.active_tasks(dag_ids)}
    for tenant in present:
        dag_id = tenant.shop.dag_id
        if dags[dag_id]:
            api.unpause(dag_id)
        if run := runs.get(dag_id):
            _take_over(tenant, run, active.get(dag_id))
            continue
        tenant.seen_at = tenant.seen_at or time.monotonic()
        tenant.task = "no run yet"
        if time.monotonic() - tenant.seen_at > PATIENCE or api.ran_before(dag_id, since):
            tenant.run_id, tenant.task = api.trigger(dag_id), "queued"


def _take_over(tenant: Progress, run: dict[str, Any], task: dict[str, Any] | None) -> None:
    tenant.run_id, tenant.run_state = run["dag_run_id"], run["state"]
    tenant.began = datetime.fromisoformat(run["start_date"]) if run["start_date"] else None
    tenant.ended = datetime.fromisoformat(run["end_date"]) if run["end_date"] else None
    if task:
        tenant.task = task["task_id"] if task["state"] == "running" else f"retrying {task['task_id']}"
    elif run["state"] == "queued":
        tenant.task = "queued"


def _why(api: AirflowApi, tenant: Progress, seconds: float) -> str:
    if tenant.run_id is None:
        return f"its DAG {tenant.shop.dag_id} did not appear: {_parse_trouble(api)}"
    if tenant.run_state == "success":
        return "its run ended without a completed sync; see cdp.sync_runs"
    if tenant.over:
        return explain_failure(api, tenant.shop.dag_id, tenant.run_id)
    return f"not done after {seconds:.0f} s: {_what_it_waits_for(api, tenant.shop.dag_id, tenant.run_id)}"


def _what_it_waits_for(api: AirflowApi, dag_id: str, run_id: str | None) -> str:
    """Return the state of each unfinished task of a run, the last error of one that is retried, and where to look."""
    look = "see the run in the UI and .local/logs/scheduler.log; make up goes on from here"
    if run_id is None:
        return f"the scheduler started no run; {look}"
    waiting = []
    for task in api.task_instances(dag_id, run_id):
        if task["state"] == "up_for_retry":
            waiting.append(f"task {task['task_id']} is retried after {api.last_error(task)}")
        elif task["state"] not in OVER:
            waiting.append(f"task {task['task_id']} is {task['state'] or 'not due yet'}")
    return f"{', '.join(waiting) or 'its run has no task yet'}; {look}"


def _parse_trouble(api: AirflowApi) -> str:
    return "; ".join(api.import_errors()) or "no DAG file has an import error; see .local/logs/dag-processor.log"
