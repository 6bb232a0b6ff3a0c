"""One parse of ``dags/`` in this process: all DAGs as the DAG processor does, or one DAG as a task does."""

from __future__ import annotations

import json
import os
import sys
import time

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID as DAG_ASKED_FOR
from airflow.serialization.serialized_objects import DagSerialization

from benchmarks.measure import ROOT
from cdp_sync.tenants import REGISTRY_VARIABLE, Tenant, write_registry

DAGS = ROOT / "dags"
count, kind = int(sys.argv[1]), sys.argv[2]
tenants = [
    Tenant(tenant_id=n, tenant_name=f"Shop {n}", slug=f"shop{n}", vtex_account=f"shop{n}", sync_frequency_hours=6)
    for n in range(1, count + 1)
]
# Set here: a process cannot inherit a variable of more than 128 KB.
os.environ[f"AIRFLOW_VAR_{REGISTRY_VARIABLE.upper()}"] = write_registry(tenants)
dag_id = {"orders": tenants[-1].orders_dag_id, "history": tenants[-1].history_dag_id}.get(kind)
if dag_id:
    os.environ[DAG_ASKED_FOR] = dag_id
began, at = time.perf_counter(), time.process_time()
bag = DagBag(DAGS / f"tenant_{kind}.py" if dag_id else DAGS)
parsed = time.process_time()
if dag_id is None:
    for dag in bag.dags.values():
        DagSerialization.to_dict(dag)
expected = {dag_id} if dag_id else {i for tenant in tenants for i in (tenant.orders_dag_id, tenant.history_dag_id)}
if bag.import_errors or expected - bag.dags.keys() or (dag_id and len(bag.dags) > 1):
    raise SystemExit(f"not the DAGs there should be: {len(bag.dags)}, {bag.import_errors}")
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - began,
            "dags": len(bag.dags),
            "parse": parsed - at,
            "serialize": time.process_time() - parsed,
        }
    )
)
