"""Task of ``cdp_gap_detector``."""

from __future__ import annotations

import logging
from datetime import UTC
from typing import Any

from airflow.sdk import get_current_context, task

from cdp_sync import clock
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.planning import ACTIVE, form_of
from cdp_sync.operators.skipping import skip
from cdp_sync.settings import off_peak
from cdp_sync.tenants import history_dag_id

log = logging.getLogger(__name__)


@task
def find_gaps() -> list[dict[str, Any]]:
    """
    Find the tenants with gaps; return the runs of ``cdp_history__<slug>`` to trigger, for ``TriggerDagRunOperator``.

    Also notes gaps older than VTEX serves, and tenants whose history is complete. Leaves out a tenant whose history is
    syncing already; at most ``params.tenants`` histories sync at once.
    """
    context: Any = get_current_context()
    form, dag_run = form_of(context), context["dag_run"]
    by_hand = dag_run.run_type == "manual"
    now = clock.now()
    with warehouse() as db:
        db.run("gaps/note_gaps", tenant_id=None, as_of=now)
        found = db.rows("gaps/tenants_with_gaps", as_of=now)
    if not by_hand and off_peak().end_after(now) is None:
        skip(context, f"off-peak time ({off_peak()}) is over; {len(found)} tenants with gaps wait for it")
    run_id = f"gap__{dag_run.run_after.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    runs: list[dict[str, Any]] = []
    under_way = 0
    for tenant in found:
        if len(runs) + under_way >= form["tenants"]:
            break
        dag_id = history_dag_id(tenant["slug"])
        if context["ti"].get_dr_count(dag_id=dag_id, states=ACTIVE):
            under_way += 1
        else:
            runs.append({"trigger_dag_id": dag_id, "trigger_run_id": run_id, "conf": {"off_peak_only": not by_hand}})
    log.info("%d tenants with gaps, %d under way, %d triggered", len(found), under_way, len(runs))
    return runs
