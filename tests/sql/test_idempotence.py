"""
Every statement can be run again as its header says.

``idempotent: yes, but for attempts and started_at`` names the columns or tables a second run may change.
"""

import json
import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from benchmarks.batch import LISTS
from cdp_sync.migrations import RULES
from cdp_sync.sql_files import sql, sql_root

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

DOCUMENTS = """
insert into staging.orders
    (tenant_id, batch_id, document_no, fetched_at, listing_hash, order_id, status, order_date, last_change, seller_ids,
    total_cents, item_count, unit_count, payment_count, document, document_key, typing_version,
    buyer_masked)
values
    (1, 'batch', 1, '2026-03-02 00:06Z', 7, 'stored', 'invoiced', '2026-03-01 10:00Z', '2026-03-01 12:00Z', '{1}',
    2000, 1, 2, 1, '123', 'b0b0b0b0-0000-0000-0000-000000000000', 2, false),
    (1, 'batch', 2, '2026-03-02 00:06Z', 8, 'new', 'handling', '2026-03-01 11:00Z', '2026-03-01 11:00Z', '{1}',
    1000, 0, 0, 1, null, null, 2, false),
    (1, 'batch', 3, '2026-03-02 00:06Z', 9, 'unlisted', 'canceled', '2026-03-01 11:00Z', '2026-03-01 12:00Z', '{1}',
    1000, 0, 0, 1, null, null, 2, true);
insert into staging.order_items (tenant_id, batch_id, document_no, item_index, sku_id, name, quantity)
values (1, 'batch', 1, 0, 'sku', 'Name', 2);
insert into staging.order_addresses (tenant_id, batch_id, document_no, address_index) values (1, 'batch', 3, 0);
"""

DATA = """
insert into cdp.tenants
    (tenant_id, tenant_name, slug, vtex_account, go_live_date, feed_enabled, last_sync_at)
values (1, 'Uno', 'uno', 'uno', '2023-01-01', true, '2026-03-01Z');
insert into cdp.sync_runs (tenant_id, batch_id, sync_type, window_start, window_end, status, started_at)
values (1, 'batch', 'full', '2026-03-01Z', '2026-03-02Z', 'running', '2026-03-02 00:05Z');
insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id, started_at)
values
    (1, 'incremental', '2026-02-20Z', '2026-02-28Z', 'completed', 'earlier', '2026-02-28Z'),
    (1, 'incremental', '2026-03-01Z', '2026-03-02Z', 'running', 'batch', '2026-03-02Z'),
    (1, 'historical', '2026-02-21Z', '2026-02-22Z', 'failed', 'earlier', '2026-02-28Z'),
    (1, 'feed', '2026-02-26Z', '2026-02-27Z', 'failed', 'earlier', '2026-02-28Z');
insert into cdp.order_events
    (tenant_id, order_id, status, order_date, last_change, seller_ids, total, item_count, unit_count, payment_count,
    fetched_at, sync_run_id, typing_version, synced_at)
values
    (1, 'stored', 'handling', '2026-03-01 10:00Z', '2026-03-01 10:00Z', '{1}', 10, 1, 1, 1, '2026-03-01 10:01Z', 1, 1,
    '2026-03-02Z'),
    (1, 'unlisted', 'canceled', '2026-03-01 11:00Z', '2026-03-01 11:00Z', '{1}', 10, 1, 0, 1, '2026-03-01 11:01Z', 1,
    1, '2026-03-02Z');
insert into cdp.order_items (tenant_id, order_id, item_index, quantity) values (1, 'stored', 0, 1);
insert into cdp.order_payloads (tenant_id, order_id, document) values (1, 'stored', '{}');
insert into cdp.order_addresses (tenant_id, order_id, address_index, city) values (1, 'unlisted', 0, 'City');
update cdp.order_events set shipping_city = 'City' where order_id = 'unlisted';
insert into cdp.order_fetches (tenant_id, order_id, fetched_at)
values (1, 'stored', '2026-03-01 10:01Z'), (1, 'unlisted', '2026-03-01 11:01Z');
insert into cdp.rejected_orders (tenant_id, order_id, reason, batch_id) values (1, 'stored', 'no total', 'earlier');
insert into cdp.integrity_checks
values (1, '2026-03-02 00:05Z', '2026-02-28', 1, '2026-03-02 00:10Z', 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0);
insert into cdp.integrity_findings (tenant_id, checked_at, order_id, kind, day, columns, is_healed, found_at)
values
    (1, null, 'unlisted', 'status', '2026-03-01', '{order_events.status}', true, '2026-03-02 00:04Z'),
    (1, null, 'stored', 'document', '2026-03-01', '{order_payloads.document}', false, '2026-03-02 00:04Z'),
    (1, '2025-11-01Z', 'stored', 'status', '2025-10-31', '{order_events.status}', true, '2025-11-01Z');
insert into staging.order_differences (tenant_id, batch_id, document_no, relation, columns)
values (1, 'batch', 1, 'order_events', '{status,total}');
insert into staging.listings (tenant_id, batch_id, order_id, created_at, covered)
values (1, 'batch', 'stored', '2026-03-01 10:00Z', false), (1, 'batch', 'lost', '2026-03-01 10:00Z', false);
insert into cdp.order_notifications (tenant_id, order_id, changed_at, state, source, batch_id, processed_at)
values
    (1, 'stored', '2026-03-01 12:00Z', 'invoiced', 'hook', null, null),
    (1, 'new', '2026-03-01 11:00Z', 'handling', 'feed', 'batch', null),
    (1, 'done', '2026-02-01 12:00Z', 'invoiced', 'feed', 'earlier', '2026-02-01 12:05Z');
insert into cdp.order_feeds (tenant_id, state, key_hash, configuration, configured_at, drained_at)
values (1, 'failed', 'hash', '{"retention": 60}', '2026-02-01Z', '2026-03-01Z');
insert into cdp.unread_fields (tenant_id, path, kinds, order_id, last_change, first_seen_at, last_seen_at, documents)
select 1, path, '{text}', 'stored', moment, moment, moment, 1
from (values ('old', timestamptz '2026-01-01Z'), ('new', '2200-01-01Z')) as field (path, moment);
insert into cdp.replays (tenant_id, batch_id, typing_version, completed_at)
values (1, 'batch', 1, '2026-03-02 00:06Z');
insert into staging.feed_handles (tenant_id, order_id, changed_at, state, handle, received_at)
values (1, 'done', '2026-02-01 12:00Z', 'invoiced', 'handle', '2026-02-01 12:01Z');
"""

CUSTOMERS = """
insert into cdp.order_buyers (tenant_id, order_id, document, email, document_key, email_key)
values (1, 'stored', '30111222', 'noreply@x', '0000000d-0000-0000-0000-000000000000',
    '0000000e-0000-0000-0000-000000000000');
update cdp.order_items set (sku_id, selling_price) = ('sku', 10) where order_id = 'stored';
insert into cdp.order_changes (tenant_id, order_id, sync_run_id) values (1, 'stored', 1);
insert into cdp.blocked_identifiers (tenant_id, key, kind, decision, reason)
values (1, '000000ff-0000-0000-0000-000000000000', 'email', 'automatic', 'it joined too many');
insert into cdp.customers (tenant_id, customer_id, identified_by, is_corporate, last_order_date, last_order_id, as_of)
values (1, '000000c0-0000-0000-0000-000000000000', 'email', false, '2026-02-01Z', 'gone', '2026-02-02Z');
insert into cdp.customer_orders (tenant_id, order_id, customer_id, order_date, outcome, gross, net, units)
values
    (1, 'stored', '000000c1-0000-0000-0000-000000000000', '2026-03-01 10:00Z', 'revenue', 10, 10, 1),
    (1, 'unlisted', '000000c1-0000-0000-0000-000000000000', '2026-03-01 11:00Z', 'unknown', 0, 0, 0);
insert into cdp.customers_touched (tenant_id, customer_id, since)
values
    (1, '000000c0-0000-0000-0000-000000000000', '2026-02-01Z'),
    (1, '000000c1-0000-0000-0000-000000000000', '2026-02-01Z');
insert into cdp.identity_splits values (1, '000000e2-0000-0000-0000-000000000000',
    '000000e3-0000-0000-0000-000000000000', 'two people', 'ana');
insert into cdp.customer_identifiers values (1, '000000ee-0000-0000-0000-000000000000', 'email',
    '000000c0-0000-0000-0000-000000000000', '2026-02-01Z', 'gone', 1);
insert into cdp.customer_profiles (tenant_id, customer_id, last_order_date, orders, units, gross, net, cancelled,
    pending, unknown, carts, returns, returned, as_of)
values (1, '000000c0-0000-0000-0000-000000000000', '2026-02-01Z', 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, '2026-02-02Z');
insert into cdp.customer_calculations (tenant_id, run_id, as_of, everyone) values (1, 'run', '2026-03-01Z', true);
insert into cdp.journey_thresholds values (1, '2026-02-01', 30, null), (1, '2026-03-01', 30, 1);
insert into staging.identity_orders values
    (1, 'stored', true, '2026-03-01 10:00Z', '000000d4-0000-0000-0000-000000000000', 'document'),
    (1, 'other', false, '2026-03-01 10:00Z', '000000d5-0000-0000-0000-000000000000', 'document');
insert into staging.identity_customers values (1, '000000c0-0000-0000-0000-000000000000');
insert into staging.identity_edges values (1, '000000d4-0000-0000-0000-000000000000',
    '000000e1-0000-0000-0000-000000000000', 'document', 'email', 'followed', '2026-03-01Z', 'stored', 1);
insert into staging.identity_nodes values
    (1, 0, '000000d4-0000-0000-0000-000000000000', 'document', '2026-03-01Z', 'stored', 1),
    (1, 1, '000000e1-0000-0000-0000-000000000000', 'email', '2026-03-01Z', 'stored', 1);
insert into staging.identity_components values (1, 0, 0), (1, 1, 0);
insert into staging.identity_members values (1, '000000d4-0000-0000-0000-000000000000', 'document',
    '000000d4-0000-0000-0000-000000000000', '2026-03-01Z', 'stored', 1);
insert into cdp.customer_months values (1, '000000c0-0000-0000-0000-000000000000', '2026-02-01', '2026-02-01', 1, 1,
    1, 1, '2026-02-02Z');
insert into cdp.product_pairs values (1, 'one', 'other', 3, 3, 3, 3, '2026-02-02Z');
insert into staging.journey_customers values (1, '000000c1-0000-0000-0000-000000000000');
insert into staging.journey_events
values (1, '000000c0-0000-0000-0000-000000000000', '2026-02-01Z', 'New', null, 'order', 'gone', null, true);
update cdp.order_events set currency = 'ARS';
insert into cdp.price_index (tenant_id, month, index, change, products)
values (1, '2026-01-01', 1, 1, 30), (1, '2026-02-01', 1.1, 1.1, 30);
insert into cdp.clv_models (tenant_id, as_of, outcome, sentence, pooled, method, customers, order_days,
    repeat_customers, without_value, span_days, deflated, price_months, price_ratios)
values (1, '2026-02-01Z', 'one_day', 'All of one day.', false, 'none', 2, 2, 0, 0, 1, false, '{}', '{}');
insert into cdp.clv_evaluations values (1, '2026-03-02Z', 'model', '2026-02-01', 30, 2, 10, 10, 1, 1, 0, 0, 1, '{}',
    '{}', 3, true, 1);
insert into cdp.customer_clv (tenant_id, customer_id, method, order_days, early_warning, historical_net,
    historical_real, total_value, as_of)
values (1, '000000c0-0000-0000-0000-000000000000', 'none', 1, false, 1, 1, 1, '2026-02-01Z');
insert into staging.customer_clv (tenant_id, customer_id, order_days, early_warning, historical_net, historical_real,
    total_value)
values (1, '000000c1-0000-0000-0000-000000000000', 1, false, 10, 10, 10);
"""

MODEL = json.dumps(
    {
        "as_of": "2026-03-02T00:00:00Z", "outcome": "one_day", "sentence": "All of one day.", "pooled": False,
        "method": "none", "customers": 2, "order_days": 2, "repeat_customers": 0, "without_value": 0, "span_days": 1,
        "deflated": False, "price_months": [], "price_ratios": [],
    }
)  # fmt: skip
EVALUATIONS = json.dumps(
    [
        {
            "as_of": "2026-03-02T00:00:00Z", "method": "hiatus", "split_on": "2026-02-01", "holdout_days": 30,
            "customers": 2, "actual_value": 10, "predicted_value": 10, "actual_orders": 1, "predicted_orders": 1,
            "total_error": 0, "mean_absolute_error": 0, "normalised_gini": 1, "predicted_deciles": [],
            "actual_deciles": [], "rank_sum": 3, "is_winner": True, "sync_run_id": 1,
        }
    ]
)  # fmt: skip

PARAMETERS = {
    "run_id": "run", "everyone": False, "flipped": [], "since": MIDNIGHT - 90 * DAY, "months": [MIDNIGHT.date()],
    "window_days": 0, "is_wanted": True, "counts": '{"touched": 1}',
    "many": 0, "asked_by": "bea", "left_key": "000000e3-0000-0000-0000-000000000000",
    "right_key": "000000e2-0000-0000-0000-000000000000",
    "until": MIDNIGHT.date() + DAY, "ratios": [1.1], "method": "none", "model_as_of": None,
    "model": MODEL, "evaluations": EVALUATIONS,
    "tenant_id": 1, "tenant_ids": [1, 1], "batch_id": "batch", "sync_run_id": 1, "sync_type": "incremental",
    "window_start": MIDNIGHT - DAY, "window_end": MIDNIGHT, "as_of": MIDNIGHT, "now": MIDNIGHT, "before": MIDNIGHT,
    "changed_from": MIDNIGHT - 7 * DAY, "synced_at": MIDNIGHT, "drained_at": MIDNIGHT, "configured_at": MIDNIGHT,
    "length": 7 * DAY, "windows": 3, "max_age_days": 30, "drift_percent": 1, "share": 0.5,
    "relation": "order_items", "healing": False, "stored_documents": False, "differing": False,
    "force": False, "recheck": True, "sample_percent": 0, "sample_seed": 1, "unmasks": True,
    "order_ids": ["stored", "new"], "created": [MIDNIGHT - 14 * HOUR, MIDNIGHT - 13 * HOUR], "hashes": [None, None],
    "changed": [MIDNIGHT - 11 * HOUR, MIDNIGHT - 10 * HOUR], "last_changed": [MIDNIGHT - 14 * HOUR, None],
    "compares": True, "statuses": ["handling", None], "totals": [1000.0, None],
    "states": ["ready", "handling"], "last_states": ["handling", None], "domains": ["Marketplace", None],
    "order_id": "stored", "reason": "no total", "payload": "{}", "error": "it failed", "landing_uri": "file:///landing",
    "listed": 2, "skipped": 0, "fetched": 2, "failed": 0, "staged": 2, "rejected": 0, "inserted": 1, "updated": 1,
    "unchanged": 0, "superseded": 0, "requests": 3, "throttled": 0,
    "orders": 10, "handle_nos": [1], "visibility": 60, "retention": 60, "quantity": 3, "oldest_seconds": 5,
    "state": "active", "hook_state": "active", "hook_reason": None, "key_hash": "another", "configuration": "{}",
    "synced": [MIDNIGHT, MIDNIGHT], "orders_from": None, "orders_to": None, "after_date": None, "after_id": None,
    "older_than": 3,
    "typing_version": 3, "typed": 2, "written": 1, "differences": '{"order_events.status": 1}',
    "paths": ["a.b", "c"], "kinds": ["null text", "text"], "seen": [2, 1],
    "statement_timeout": "5000", "digest": "another",
    "rows_with_last_change": "none", "most": 10, "created_from": MIDNIGHT - 14 * DAY,
    "open_from": MIDNIGHT - 60 * DAY, "read_before": MIDNIGHT,
    "earliest": "1900-01-01", "latest": "2200-01-01", "first_no": 0, "after_no": 1, "document_nos": [1],
    "digests": [b"digest"],
    "schema_name": "staging", "table_name": "orders", "columns": ["order_id"],
}  # fmt: skip
"""Values by the name of the parameter, which has the same meaning in every file; exceptions in OWN."""

OWN = {"inbox/handles_to_commit": {"handles": 10}, "inbox/receive": {"handles": ["one", "two"]}}
"""Values of parameters with another meaning in one file."""

EMPTIED = ("staging/delete_lines", "delete from staging.order_addresses", "staging/delete_batch")
RUNS = {
    "intelligence/clv/insert_evaluations": [
        "intelligence/clv/delete_evaluations",
        "intelligence/clv/insert_evaluations",
    ],
    "integrity/count_findings": ["integrity/forget_check", "integrity/count_findings"],
    "orders/insert_lines": ["orders/delete_lines", "orders/insert_lines"],
    # The merge leaves in staging only the rows it wrote, so a batch is merged again by staging it again.
    "orders/merge_orders": [*EMPTIED, DOCUMENTS, "orders/merge_orders", *EMPTIED],
}
"""Statements that run together with others of their transaction."""


def statement(name):
    """Return the text of a SQL file, as it is sent to the server."""
    return LISTS[name].fill(sql(name)) if name in LISTS else sql(name)


def promise(name):
    """Return the text after ``idempotent:`` in a file's header."""
    header = "".join(re.findall(r"(?m)^--(.*)\n", sql(name)))
    return re.sub(r"\s+", " ", header.partition("idempotent:")[2]).strip()


def names(*, folder=""):
    """Return every SQL file except the operators' own queries, which have no header."""
    files = sorted(file.relative_to(sql_root()).with_suffix("") for file in (sql_root() / folder).rglob("*.sql"))
    return [str(file) for file in files if file.parent.name != "requested"]


FUNCTIONS = names(folder="schema/functions")
WRITING = [name for name in names() if promise(name).startswith("yes") and name not in FUNCTIONS]
READING = [name for name in names() if promise(name).startswith("read only")]


@pytest.fixture
def data(db):
    """A tenant with a run in progress, its documents staged, and rows for every statement to change."""
    db.execute(DATA + DOCUMENTS + CUSTOMERS)
    return db


def run(db, name):
    """Run a statement in a transaction of its own, with those that belong to it; return its rows."""
    parameters = PARAMETERS | OWN.get(name, {})
    unknown = set(re.findall(r"%\((\w+)\)s", sql(name))) - set(parameters)
    assert not unknown, f"{name}.sql is run twice by this test, which has no value for {unknown}: add it to PARAMETERS"
    with db.transaction():
        for step in RUNS.get(name, [name]):
            cursor = db.execute(step) if " " in step else db.execute(statement(step), parameters)
            if step == name:
                rows = cursor.fetchall() if cursor.description else []
    return rows


def digests(db, *, but_for=()):
    """Return a digest of each table; ``but_for`` names the columns and tables to leave out."""
    tables = db.execute(
        "select format('%I.%I', table_schema, table_name) as name from information_schema.tables "
        "where table_schema in ('cdp', 'staging', 'public') and table_type = 'BASE TABLE'"
    ).fetchall()
    return {
        table["name"]: db.execute(
            "select md5(string_agg(line::text, ',' order by line::text)) as digest "
            f"from (select to_jsonb(content) - %s::text[] as line from {table['name']} as content) as lines",
            (list(but_for),),
        ).fetchone()["digest"]
        for table in tables
        if table["name"] not in but_for
    }


def test_every_statement_promises_something_that_is_tested():
    once = [name for name in names() if promise(name).startswith("no;")]

    silent = set(names()) - {*once, *FUNCTIONS, *WRITING, *READING}

    assert {name.rpartition("/")[0] for name in once} == {"schema/versions"}
    assert not silent, f"the headers of {silent} say neither yes, read only nor no"


@pytest.mark.parametrize("name", WRITING)
def test_a_second_run_leaves_everything_as_the_first_left_it(data, name):
    exceptions = re.match(r"yes, but for ([\w., ]+)", promise(name))
    but_for = re.split(r", | and ", exceptions[1]) if exceptions else []
    untouched = digests(data)

    run(data, name)
    changed = digests(data) != untouched
    first = digests(data, but_for=but_for)
    run(data, name)

    writes = re.search(r"(?m)^ *(insert into|update|delete from) ", sql(name))
    assert changed or not writes, f"{name}.sql finds nothing to do: add to DATA what it looks for"
    assert digests(data, but_for=but_for) == first


@pytest.mark.parametrize("name", READING)
def test_a_statement_that_reads_only_changes_nothing_and_answers_the_same_again(data, name):
    untouched = digests(data)

    rows = run(data, name)

    assert rows, f"{name}.sql finds nothing to read: add to DATA what it looks for"
    assert run(data, name) == rows
    assert digests(data) == untouched


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_applied_again_are_the_same(data, name):
    def schema():
        return data.execute(
            "select pg_get_functiondef(oid), obj_description(oid, 'pg_proc') from pg_proc "
            "where pronamespace = 'cdp'::regnamespace "
            "union all select pg_get_triggerdef(oid), null from pg_trigger where not tgisinternal order by 1"
        ).fetchall()

    migrated, untouched = schema(), digests(data)

    for _ in range(2):
        psycopg.ClientCursor(data).execute(statement(name), RULES)

        assert (schema(), digests(data)) == (migrated, untouched)
