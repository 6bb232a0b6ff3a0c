"""The register of fields that no column holds: bounded, and complete whoever writes at the same time."""

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.rows import dict_row

from cdp_sync.sql_files import sql

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def shop(db):
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (1, 'Uno', 'uno', 'uno', '2025-01-01')"
    )
    return db


def note(db, paths, *, kinds="text", most=2000, as_of=NOW, changed=NOW):
    """Register paths; return those that are news."""
    columns = {"paths": paths, "kinds": [kinds] * len(paths), "order_ids": ["order"] * len(paths)}
    rows = db.execute(
        sql("integrity/note_unread_fields"),
        {"tenant_id": 1, "as_of": as_of, "most": most, "changed": [changed] * len(paths), "seen": [1] * len(paths)}
        | columns,
    )
    return [row["path"] for row in rows]


def registered(db, column="kinds"):
    return {row["path"]: row[column] for row in db.execute(f"select path, {column} from cdp.unread_fields")}


def test_paths_beyond_the_bound_of_a_shop_stand_as_one_and_known_ones_as_themselves(shop):
    note(shop, ["a", "b", "c"], most=4)

    note(shop, ["c", "d", "e", "f"], most=4)

    assert registered(shop, "documents") == {"a": 1, "b": 1, "c": 2, "d": 1, "…": 1}


def test_a_field_is_news_if_its_order_changed_a_day_after_the_register_began(shop):
    assert note(shop, ["a"]) == []
    later = NOW + timedelta(days=3)

    assert note(shop, ["a", "b"], as_of=later, changed=NOW - timedelta(days=9)) == []
    assert note(shop, ["a", "c"], as_of=later, changed=later) == ["c"]
    assert note(shop, ["c"], as_of=later, changed=later) == []


def test_two_batches_at_once_lose_no_kind(shop):
    note(shop, ["a"], kinds="null")
    with psycopg.connect(shop.info.dsn, password=shop.info.password, row_factory=dict_row) as other:
        note(other, ["a"], kinds="number")
        waiting = threading.Thread(target=note, args=(shop, ["a"]), kwargs={"kinds": "text"})
        waiting.start()
        while not other.execute("select from pg_locks where not granted").fetchall():
            pass
        other.commit()
        waiting.join()

    assert registered(shop) == {"a": ["null", "number", "text"]}
