"""The guarantees of the schema."""

import re

import psycopg
import pytest

from cdp_sync.migrations import migrate
from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.merged_columns import BUYERS, LINES, ORDER_EVENTS, PRODUCTS
from cdp_sync.rows.order_rows import ORDER_COLUMNS
from cdp_sync.sql_files import sql_root
from tests.sql.test_monitoring import tenant


def test_migrating_twice_changes_nothing(dsn):
    newest = max(file.name[:4] for file in (sql_root() / "schema/versions").iterdir())

    assert migrate(dsn) == migrate(dsn) == newest


def test_every_key_leads_with_the_tenant(db):
    keys = db.execute(
        "select c.conrelid::regclass::text as table, a.attname as first from pg_constraint c "
        "join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] "
        "where c.contype = 'p' and c.connamespace in ('cdp'::regnamespace, 'staging'::regnamespace)"
    ).fetchall()

    assert len(keys) >= 11
    of_all_shops = {"cdp.blocked_values", "cdp.order_outcomes", "cdp.rfm_segments"}
    assert {key["table"] for key in keys if key["first"] != "tenant_id"} == of_all_shops


def test_every_table_column_and_function_is_explained(db):
    bare = db.execute(
        "select c.oid::regclass::text as place, a.attname from pg_class c "
        "join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
        "where c.relnamespace in ('cdp'::regnamespace, 'staging'::regnamespace) and c.relkind in ('r', 'v') "
        "and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null) "
        "union all select p.oid::regprocedure::text, null from pg_proc p "
        "where p.pronamespace = 'cdp'::regnamespace and obj_description(p.oid, 'pg_proc') is null"
    ).fetchall()

    assert bare == []


@pytest.mark.parametrize("hours", [0, 5, 7, 9, 10, 48, -6])
def test_the_table_refuses_a_frequency_that_does_not_divide_a_day(db, hours):
    with pytest.raises(psycopg.errors.CheckViolation, match="sync_frequency_hours_divides_a_day"):
        tenant(db, 1, "Uno", sync_frequency_hours=hours)


@pytest.mark.parametrize("hours", [1, 2, 3, 4, 6, 8, 12, 24])
def test_the_table_takes_every_divisor_of_a_day(db, hours):
    tenant(db, 1, "Uno", sync_frequency_hours=hours)


def test_updated_at_is_true_whoever_edits_a_tenant(db):
    tenant(db, 1, "Uno", updated_at="2020-01-01")

    db.execute("update cdp.tenants set sync_enabled = false")

    assert db.execute("select updated_at > now() - interval '1 minute' as recent from cdp.tenants").fetchone()["recent"]


def test_every_sql_file_begins_by_saying_what_it_does():
    for file in sql_root().rglob("*.sql"):
        if file.parent.name == "requested":  # kept as their users wrote them
            continue
        head = file.read_text().splitlines()
        assert head[0].startswith(f"-- {file.relative_to(sql_root())}: "), file
        for word in ("grain:", "parameters:", "idempotent:"):
            assert any(line.startswith("-- " + word) for line in head[:12]), (file, word)


def test_every_statement_on_tenant_data_names_its_tenant():
    shared = {"tenants/all.sql", "staging/column_types.sql", "gaps/tenants_with_gaps.sql"}
    shared |= {
        "inbox/store_notifications.sql",
        "inbox/late.sql",
        "inbox/bound_session.sql",
        "runs/unfinished.sql",
        "replay/outdated_tenants.sql",
        "tenants/seed_sandbox.sql",
    }
    for file in sql_root().rglob("*.sql"):
        name = str(file.relative_to(sql_root()))
        if name.split("/")[0] in ("schema", "monitoring") or name in shared or "analyze" in name:
            continue
        assert re.search(r"%\(tenant_id\)s", file.read_text()), name


@pytest.mark.parametrize(
    ("table", "columns", "others"),
    [
        ("order_events", ORDER_EVENTS, {"order_id", "fetched_at", "synced_at", "sync_run_id", "vanished_at"}),
        *((lines.table, lines, {"order_id"}) for lines in LINES),
        ("order_buyers", BUYERS, {"order_id"}),
        ("products", PRODUCTS, {"sku_id", "last_order_date", "last_order_id", "synced_at"}),
    ],
)
def test_what_is_typed_is_what_the_merge_writes_and_the_table_holds(db, table, columns, others):
    assert set(columns.names) | others | {"tenant_id"} == columns_of(db, "cdp", table)


@pytest.mark.parametrize(
    ("table", "typed", "others"),
    [
        ("orders", ORDER_COLUMNS, {"fetched_at", "listing_hash"}),
        *((table.name, table.columns, set()) for table in LINE_TABLES),
    ],
)
def test_staging_holds_every_column_that_is_typed_and_no_other(db, table, typed, others):
    assert {*typed, *others, "tenant_id", "batch_id", "document_no"} == columns_of(db, "staging", table)


def columns_of(db, schema, table):
    rows = db.execute(
        "select column_name from information_schema.columns where table_schema = %s and table_name = %s",
        (schema, table),
    )
    return {row["column_name"] for row in rows}


def test_nothing_in_a_calculation_of_customers_asks_a_clock(db):
    clocks = re.compile(
        r"\b(now\(\)|(current|local)_?(date|time)|(clock|statement|transaction)_timestamp)", re.IGNORECASE
    )
    files = list((sql_root() / "intelligence").rglob("*.sql"))

    assert len(files) > 30
    assert [str(file) for file in files if clocks.search(file.read_text())] == []
    defaults = db.execute(
        "select table_name from information_schema.columns where column_default ~ 'now|current' "
        "and table_schema = 'cdp' and table_name ~ '^(customer|identity|journey|rfm|price|product_pairs|clv)'"
    ).fetchall()
    assert defaults == []
