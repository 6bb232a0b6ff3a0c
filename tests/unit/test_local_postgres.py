"""The embedded PostgreSQL that tests and the local stack stand on."""

from pathlib import Path

import psycopg
import pytest

from local import postgres


def test_a_warehouse_is_at_the_newest_schema_in_argentine_time(warehouse_dsn):
    with psycopg.connect(warehouse_dsn) as connection:
        zone, tenants = connection.execute(
            "select current_setting('timezone'), (select count(*) from cdp.tenants)"
        ).fetchone()

    assert (zone, tenants) == ("America/Argentina/Buenos_Aires", 0)


def test_each_test_has_a_warehouse_of_its_own(warehouse_dsn, postgres_dsn):
    with psycopg.connect(postgres_dsn) as connection:
        databases = [
            name for (name,) in connection.execute("select datname from pg_database where datname ~ '^cdp_[0-9]'")
        ]

    assert [warehouse_dsn.rsplit("/", 1)[1]] == databases


def test_starting_twice_keeps_the_server_and_its_data(tmp_path):
    base = tmp_path / "server"
    try:
        port = postgres.start(base)
        postgres.create_database(postgres.dsn(port), "kept")

        assert postgres.start(base) == port
        postgres.stop(base)
        assert postgres.running_port(base) is None

        again = postgres.dsn(postgres.start(base))
        assert not postgres.create_database(again, "kept")
    finally:
        postgres.remove(base)


def test_removing_a_server_leaves_nothing_behind(tmp_path):
    base = tmp_path / "server"
    postgres.start(base)
    place = postgres.log_file(base).parent

    postgres.remove(base)

    assert not base.exists()
    assert not place.exists()


def test_another_password_is_refused(postgres_dsn):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_dsn.replace(":postgres@", ":guess@"))


def test_a_missing_postgresql_is_one_sentence(monkeypatch):
    monkeypatch.delenv("PG_BINDIR", raising=False)
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))

    with pytest.raises(postgres.PostgresError, match=r"^No PostgreSQL found: .*PG_BINDIR"):
        postgres.binaries()


def test_a_server_that_cannot_start_says_what_its_log_says(tmp_path):
    base = tmp_path / "server"
    try:
        postgres.start(base)
        postgres.stop(base)
        (postgres.log_file(base).parent / "data" / "postgresql.conf").write_text("nonsense = 1\n")

        with pytest.raises(postgres.PostgresError, match="nonsense"):
            postgres.start(base)
    finally:
        postgres.remove(base)
