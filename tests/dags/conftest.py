"""The DAG files, parsed as the DAG processor parses them, with a registry of two tenants."""

import json
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).parent.parent.parent / "dags"
REGISTRY = [
    {"tenant_id": 20, "tenant_name": "Ferreira", "slug": "ferreira", "vtex_account": "ferreira",
     "sync_frequency_hours": 6},
    {"tenant_id": 11, "tenant_name": "PetBaar", "slug": "petbaar", "vtex_account": "petbaar",
     "sync_frequency_hours": 12},
]  # fmt: skip


@pytest.fixture
def parse(monkeypatch):
    """Parse ``dags/`` with a given registry; return the DagBag."""

    def run(registry):
        monkeypatch.setenv("AIRFLOW_VAR_CDP_TENANTS", registry if isinstance(registry, str) else json.dumps(registry))
        return DagBag(DAGS)

    return run


@pytest.fixture
def dag_bag(parse):
    return parse(REGISTRY)
