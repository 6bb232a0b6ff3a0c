"""The embedded PostgreSQL that tests and the local stack use."""

import psycopg
import pytest

from cdp_sync.deployment.databases import create_database
from local import postgres
from local.postgres import Postgres, PostgresFailed, drop_database, free_port


@pytest.fixture
def stopped(tmp_path):
    server = Postgres(tmp_path / "server", "secret")
    yield server
    server.remove()


def test_starting_twice_keeps_the_server(stopped):
    port = free_port()
    stopped.start(port)
    pid = stopped.pid

    stopped.start(free_port())

    assert (stopped.pid, stopped.port) == (pid, port)


def test_a_stopped_server_comes_back_with_its_data(stopped):
    stopped.start(free_port())
    create_database(stopped.dsn(stopped.port, "postgres"), "kept")
    stopped.stop()
    assert (stopped.running(), stopped.pid) == (False, None)

    stopped.start(free_port())

    assert not create_database(stopped.dsn(stopped.port, "postgres"), "kept")


def test_a_connected_client_does_not_keep_it_from_stopping(stopped):
    stopped.start(free_port())

    with psycopg.connect(stopped.dsn(stopped.port, "postgres")):
        stopped.stop()

    assert not stopped.running()


def test_removing_a_server_leaves_nothing_behind(stopped):
    stopped.start(free_port())
    home = stopped.home

    stopped.remove()

    assert not stopped.base.exists()
    assert not home.exists()


def test_a_copy_of_a_database_has_the_time_zone_asked_for(stopped):
    stopped.start(free_port())
    server = stopped.dsn(stopped.port, "postgres")
    create_database(server, "original", timezone="America/Argentina/Buenos_Aires")

    create_database(server, "copy", template="original", timezone="America/Argentina/Buenos_Aires")

    with psycopg.connect(stopped.dsn(stopped.port, "copy")) as connection:
        assert connection.execute("show timezone").fetchone() == ("America/Argentina/Buenos_Aires",)


def test_a_database_in_use_can_be_dropped(stopped):
    stopped.start(free_port())
    server = stopped.dsn(stopped.port, "postgres")
    create_database(server, "busy")

    with psycopg.connect(stopped.dsn(stopped.port, "busy")):
        drop_database(server, "busy")

    assert create_database(server, "busy")


def test_another_password_is_refused(stopped):
    stopped.start(free_port())

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stopped.dsn(stopped.port, "postgres").replace(":secret@", ":guess@"))


def test_a_server_that_cannot_start_says_what_its_log_says(stopped):
    stopped.start(free_port())
    stopped.stop()
    (stopped.data / "postgresql.conf").write_text("nonsense = 1\n")

    with pytest.raises(PostgresFailed, match="nonsense"):
        stopped.start(free_port())


def test_without_the_wheel_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.delenv("PG_BINDIR", raising=False)
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)

    with pytest.raises(PostgresFailed, match=r"^No PostgreSQL: install .*PG_BINDIR"):
        postgres.binaries()


def test_a_port_in_use_is_not_free(stopped):
    stopped.start(free_port())

    assert free_port(stopped.port) != stopped.port
