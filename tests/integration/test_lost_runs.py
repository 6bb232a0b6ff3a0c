"""Runs whose tasks were killed: closed once Airflow does not run them, and complete when they are cleared."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

from cdp_sync.operators.upkeep import close_lost_runs
from tests.integration.test_resumption import WEEK

BATCH = "cdp_orders__ferreira/manual__1"
STAGE = """
import time
from math import inf
from types import SimpleNamespace as N
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.stage import StagingLoadOperator
from cdp_sync.sync_types import INCREMENTAL
count = Warehouse.rows
def slow(self, name, *columns, **parameters):
    if name == "staging/count_batch":
        print("in the middle", flush=True)
        time.sleep(600)
    return count(self, name, *columns, **parameters)
Warehouse.rows = slow
ti = N(dag_id="cdp_orders__ferreira", run_id="manual__1", map_index=-1)
StagingLoadOperator(task_id="stage", sync_type=INCREMENTAL, window={window!r}).execute({{"ti": ti}})
"""


def close(*, active=()):
    """Run the task; Airflow runs the DAG runs given as ``dag_id/run_id``."""
    answer = lambda dag_id, run_ids, states: int(f"{dag_id}/{run_ids[0]}" in active)  # noqa: E731
    close_lost_runs.function(ti=SimpleNamespace(get_dr_count=answer))


def run_row(shop):
    (row,) = shop.rows("select status, error, finished_at is not null as over from cdp.sync_runs")
    return tuple(row.values())


def staged_documents(shop):
    return shop.value("select count(*) from staging.orders")


def kill_the_stage_in_the_middle(fetched):
    with subprocess.Popen(
        [sys.executable, "-c", STAGE.format(window=fetched.window)],
        env={**os.environ, "PYTHONPATH": "plugins"}, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert any("in the middle" in line for line in process.stdout)
        process.send_signal(signal.SIGKILL)


def test_a_run_killed_while_it_stages_is_closed_once_airflow_runs_it_no_more_and_completes_when_cleared(shop):
    fetched = shop.fetch(WEEK)
    kill_the_stage_in_the_middle(fetched)

    close(active=[BATCH])
    assert run_row(shop) == ("running", None, False)
    close()
    status, error, over = run_row(shop)
    assert (status, over) == ("failed", True)
    assert error.startswith("ended without a word")
    assert shop.value("select status from cdp.sync_checkpoints") == "failed"

    merged = shop.merge(shop.stage(fetched))
    assert run_row(shop) == ("completed", None, True)
    assert merged["inserted"] == shop.value("select count(*) from cdp.order_events") > 100
    assert shop.value("select status from cdp.sync_checkpoints") == "completed"


def test_staging_of_a_run_that_is_over_is_emptied_and_its_merge_alone_can_be_cleared(shop):
    staged = shop.stage(shop.fetch(WEEK))
    shop.db.execute("update cdp.sync_runs set status = 'failed', error = 'the merge failed'")

    close(active=[BATCH])
    assert staged_documents(shop) == staged["staged"] > 100
    close()
    assert (staged_documents(shop), shop.value("select count(*) from staging.order_items")) == (0, 0)
    assert run_row(shop)[:2] == ("failed", "the merge failed")

    assert shop.merge(staged)["inserted"] == staged["staged"]
    assert run_row(shop)[0] == "completed"


def test_a_run_that_completes_meanwhile_stays_completed(shop):
    staged = shop.stage(shop.fetch(WEEK))

    def completes(dag_id, run_ids, states):
        shop.merge(staged)
        return 0

    close_lost_runs.function(ti=SimpleNamespace(get_dr_count=completes))

    assert run_row(shop) == ("completed", None, True)
