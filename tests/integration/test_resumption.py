"""Tasks that die at any moment, and the next attempt: same rows, nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from cdp_sync.errors import CountMismatch
from cdp_sync.fetch import landing_writer as landing_module
from cdp_sync.fetch.landing import LandingIncomplete
from cdp_sync.fetch.landing_writer import LandingWriter
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.rows.line_tables import LINE_TABLES
from tests.moments import TODAY

WEEK = tuple((TODAY - timedelta(days=days)).isoformat() for days in (40, 33))


class Killed(BaseException):
    """The death of a worker, as the interrupted code sees it."""


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(landing_module, "PART_DOCUMENTS", 50)


@pytest.fixture
def expected(shop):
    """The digest after an uninterrupted run."""
    shop.sync(WEEK, run="whole")
    digest = shop.digest()
    empty(shop)
    return digest


def empty(shop):
    lines = [table.name for table in LINE_TABLES]
    tables = ("order_payloads", "order_fetches", "order_versions", "order_changes", "order_events", "order_buyers")
    for table in (*lines, *tables, "products", "sync_runs", "sync_checkpoints"):
        shop.db.execute(f"delete from cdp.{table}")


def test_a_fetch_killed_between_parts_goes_on_where_it_was(shop, expected, small_parts, monkeypatch):
    flush = LandingWriter.flush

    def dies_after_three(self):
        if len(self.parts) == 3:
            raise Killed
        flush(self)

    monkeypatch.setattr(LandingWriter, "flush", dies_after_three)
    with pytest.raises(Killed):
        shop.fetch(WEEK)
    monkeypatch.setattr(LandingWriter, "flush", flush)
    shop.sandbox.clear_log()

    fetched = shop.fetch(WEEK)
    shop.merge(shop.stage(fetched))

    assert shop.digest() == expected
    assert shop.sandbox.summary("ferreira")["routes"]["detail"] == fetched["fetched"] - 150


def test_a_fetch_killed_by_the_kernel_leaves_parts_the_next_attempt_uses(shop, expected, tmp_path):
    shop.sandbox.call("POST", "latency", {"latency_ms": 40})
    script = tmp_path / "fetch.py"
    script.write_text(
        "import datetime\n"
        "import cdp_sync.clock as clock, cdp_sync.fetch.landing_writer as landing\n"
        f"clock.now = lambda: {shop.sandbox.now!r}\n"
        "landing.PART_DOCUMENTS = 50\n"
        "from types import SimpleNamespace as N\n"
        "from cdp_sync.operators.fetch import VtexFetchOrdersOperator\n"
        "from cdp_sync.sync_types import INCREMENTAL\n"
        "ti = N(dag_id='cdp_orders__ferreira', run_id='manual__1', map_index=-1)\n"
        "VtexFetchOrdersOperator(task_id='fetch', sync_type=INCREMENTAL, in_flight=4,\n"
        f"    window={shop.planned(WEEK, requests_per_second=100)!r},\n"
        f"    landing_url='file://{shop.landing}').execute({{'ti': ti}})\n"
    )
    process = subprocess.Popen(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": "plugins"}, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while len(list(shop.landing.rglob("part-*"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    shop.sandbox.call("POST", "latency", {"latency_ms": 0})
    shop.sandbox.clear_log()

    fetched = shop.fetch(WEEK)
    shop.merge(shop.stage(fetched))

    assert shop.digest() == expected
    assert shop.sandbox.summary("ferreira")["routes"]["detail"] <= fetched["fetched"] - 100


def test_a_stage_killed_in_the_middle_of_a_part_leaves_nothing_behind(shop, expected, monkeypatch):
    fetched = shop.fetch(WEEK)
    run = Warehouse.rows

    def dies(self, name, *columns, **parameters):
        if name == "staging/count_batch":
            raise Killed
        return run(self, name, *columns, **parameters)

    monkeypatch.setattr(Warehouse, "rows", dies)
    with pytest.raises(Killed):
        shop.stage(fetched)
    monkeypatch.setattr(Warehouse, "rows", run)
    assert shop.value("select count(*) from staging.orders") == 0

    shop.merge(shop.stage(fetched))

    assert shop.digest() == expected


def test_a_stage_that_runs_twice_stages_once(shop, expected):
    fetched = shop.fetch(WEEK)
    shop.stage(fetched)

    shop.merge(shop.stage(fetched))

    assert shop.digest() == expected


@pytest.mark.parametrize(
    "statement",
    [
        "runs/lock_tenant",
        "orders/merge_order_fetches",
        "orders/delete_lines",
        "orders/merge_buyers",
        "orders/delete_order_payloads",
        "staging/delete_batch",
        "runs/complete_checkpoint",
        "runs/complete_run",
        "runs/advance_last_sync_at",
    ],
)
def test_a_merge_killed_at_any_statement_writes_all_or_nothing(shop, expected, monkeypatch, statement):
    staged = shop.stage(shop.fetch(WEEK))
    run = Warehouse.run

    def dies(self, name, *columns, **parameters):
        result = run(self, name, *columns, **parameters)
        if name == statement:
            raise Killed
        return result

    monkeypatch.setattr(Warehouse, "run", dies)
    with pytest.raises(Killed):
        shop.merge(staged)
    monkeypatch.setattr(Warehouse, "run", run)
    assert shop.value("select count(*) from cdp.order_events") == 0
    assert shop.value("select count(*) from cdp.sync_checkpoints where status = 'completed'") == 0

    shop.merge(staged)

    assert shop.digest() == expected


def test_a_merge_that_committed_but_could_not_say_so_is_distinguished_from_a_lost_one(shop, expected):
    staged = shop.stage(shop.fetch(WEEK))
    first = shop.merge(staged)

    second = shop.merge(staged)

    assert second == first
    assert shop.digest() == expected


@pytest.mark.parametrize(
    "lost",
    [
        "truncate staging.orders, staging.order_items",  # what a crash does to unlogged tables
        "delete from staging.orders where document_no % 2 = 0",
    ],
)
def test_what_a_crash_of_the_database_took_from_staging_the_merge_loads_again_from_landing(shop, expected, lost):
    staged = shop.stage(shop.fetch(WEEK))
    shop.db.execute(lost)

    merged = shop.merge(staged)

    assert merged["inserted"] == staged["staged"]
    assert shop.digest() == expected


def test_what_is_gone_from_staging_and_from_landing_is_noticed_not_merged_as_nothing(shop, expected):
    staged = shop.stage(shop.fetch(WEEK))
    shop.db.execute("truncate staging.orders, staging.order_items")
    for part in shop.landing.rglob("part-*"):
        part.unlink()

    with pytest.raises(LandingIncomplete, match="clear the fetch task"):
        shop.merge(staged)

    assert shop.value("select count(*) from cdp.order_events") == 0


def test_clearing_a_whole_run_gives_the_same_rows_and_writes_none(shop, expected):
    shop.sync(WEEK)
    before = shop.rows("select order_id, xmin::text from cdp.order_events order by 1")

    shop.sync(WEEK)

    assert shop.digest() == expected
    assert shop.rows("select order_id, xmin::text from cdp.order_events order by 1") == before


def test_a_landed_part_that_lost_documents_is_noticed(shop, expected, small_parts):
    fetched = shop.fetch(WEEK)
    parts = sorted(shop.landing.rglob("part-*"))
    parts[1].write_bytes(parts[-1].read_bytes())

    with pytest.raises((CountMismatch, LandingIncomplete), match="clear the fetch task"):
        shop.stage(fetched)

    assert shop.value("select count(*) from staging.orders") == 0
