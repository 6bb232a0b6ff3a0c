"""The page of DAGs matches the DAG files."""

import pytest

from docs.generate import DAGS_PAGE
from docs.generate.dags_page import EXAMPLE, dags_page, read_doc


@pytest.fixture
def dags(parse, monkeypatch):
    for name in ("CDP_OFF_PEAK", "CDP_POOLS", "CDP_LANDING_URL"):
        monkeypatch.delenv(name, raising=False)
    return parse(EXAMPLE).dags


def test_the_page_is_what_make_docs_would_write(dags):
    assert DAGS_PAGE.read_text() == dags_page(dags), "run make docs"


def test_every_task_is_explained_where_the_ui_shows_it(dags):
    unexplained = [
        (dag_id, task_id)
        for dag_id, dag in dags.items()
        for task_id in dag.task_ids
        if not read_doc(dag.doc_md)[1].get(task_id)
    ]

    assert unexplained == []


def test_no_task_is_explained_that_a_dag_does_not_have(dags):
    gone = {dag_id: set(read_doc(dag.doc_md)[1]) - set(dag.task_ids) for dag_id, dag in dags.items()}

    assert {dag_id: tasks for dag_id, tasks in gone.items() if tasks} == {}
