"""An outage of Airflow itself: never taken for a connection that does not exist."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import socket
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest
import structlog
from airflow import settings
from airflow.models.connection import Connection
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.comms import CommsDecoder
from airflow.sdk.execution_time.supervisor import (
    ActivitySubprocess,
    InProcessTestSupervisor,
    length_prefixed_frame_reader,
    set_supervisor_comms,
)

from cdp_sync.hooks.warehouse import WarehouseUnavailable, warehouse
from cdp_sync.vtex.errors import VtexUnavailable
from cdp_sync.web.authentication import KEPT_SECONDS, RETRY_SECONDS, Senders, SendersUnknown, read_senders
from local.postgres import free_port

ANY_POSTGRES = True  # these are about Airflow
DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")


class ExecutionApi:
    """Server in place of Airflow's execution API; answers every lookup of a connection alike."""

    def __init__(self):
        self.answers = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, kind, body = api.answers.pop(0) if len(api.answers) > 1 else api.answers[0]
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


ERROR = (500, "application/json", b'{"detail": "Internal Server Error"}')
OF_A_PROXY = (502, "text/html", b"<html>Bad Gateway</html>")
NOT_THERE = (404, "application/json", b'{"detail": {"reason": "not_found", "message": "no such connection"}}')


def found(conn_id, **fields):
    empty = dict.fromkeys(("host", "schema", "login", "password", "port", "extra"))
    body = {"conn_id": conn_id, "conn_type": "http", **empty, **fields}
    return (200, "application/json", json.dumps(body).encode())


@pytest.fixture
def api():
    api = ExecutionApi()
    yield api
    api.server.shutdown()
    api.server.server_close()


def supervise(url, task):
    """Answer a task's requests, by asking the execution API."""
    client = InProcessTestSupervisor._Client(base_url=url, token="x")  # the real one, without its minute of retries
    log = structlog.get_logger()
    supervisor = ActivitySubprocess(
        id=uuid.uuid4(), pid=os.getpid(), process=psutil.Process(), process_log=log, client=client, stdin=task
    )
    answer, _ = length_prefixed_frame_reader(supervisor.handle_requests(log), on_close=lambda _: None)
    while answer(task):
        pass


@contextlib.contextmanager
def inside_a_task(url):
    """Look connections up as a task does: through its supervisor, another process, at the API of this URL."""
    ours, theirs = socket.socketpair()
    supervisor = multiprocessing.get_context("fork").Process(target=supervise, args=(url, theirs), daemon=True)
    supervisor.start()
    try:
        with set_supervisor_comms(CommsDecoder(socket=ours)):
            yield
    finally:
        ours.close()
        theirs.close()
        supervisor.terminate()
        supervisor.join()


@pytest.fixture
def nowhere():
    """The address of an execution API that does not run."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.mark.parametrize("answer", [ERROR, OF_A_PROXY, None])
def test_in_an_outage_a_shops_connection_is_unreadable_and_the_task_is_retried(shop, api, nowhere, monkeypatch, answer):
    monkeypatch.delenv("AIRFLOW_CONN_VTEX_FERREIRA")
    api.answers = [answer]

    with pytest.raises(VtexUnavailable) as outage, inside_a_task(api.url if answer else nowhere):
        shop.fetch(DAY)

    assert not outage.value.permanent
    assert str(outage.value) == (
        "ferreira: connection vtex_ferreira cannot be read: Airflow does not answer (API_SERVER_ERROR); "
        "Airflow retries; see to its API server, its database and its secrets backend"
    )
    assert shop.value("select error from cdp.sync_runs") == str(outage.value)


def test_an_outage_that_is_over_before_the_second_look_is_an_outage_too(shop, api, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_VTEX_FERREIRA")
    api.answers = [ERROR, found("vtex_ferreira")]

    with pytest.raises(VtexUnavailable, match="connection vtex_ferreira could not be read"), inside_a_task(api.url):
        shop.fetch(DAY)


def test_a_shops_connection_that_does_not_exist_fails_the_task_at_once(shop, api, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_VTEX_FERREIRA")
    api.answers = [NOT_THERE]

    with pytest.raises(AirflowFailException, match="connection vtex_ferreira does not exist"), inside_a_task(api.url):
        shop.fetch(DAY)


def test_a_connection_that_airflow_serves_is_used(shop, api, monkeypatch):
    key, token = shop.sandbox.credentials("ferreira")
    monkeypatch.delenv("AIRFLOW_CONN_VTEX_FERREIRA")
    api.answers = [found("vtex_ferreira", host=shop.sandbox.account_url("ferreira"), login=key, password=token)]

    with inside_a_task(api.url):
        assert shop.fetch(DAY)["fetched"] > 0


@pytest.mark.parametrize("answer", [ERROR, OF_A_PROXY, None])
def test_in_an_outage_the_warehouse_is_unreadable_and_the_task_is_retried(api, nowhere, monkeypatch, answer):
    monkeypatch.delenv("AIRFLOW_CONN_CDP_WAREHOUSE", raising=False)
    api.answers = [answer]

    with (
        pytest.raises(WarehouseUnavailable, match=r"warehouse connection cdp_warehouse cannot be read: .*written$"),
        inside_a_task(api.url if answer else nowhere),
        warehouse(),
    ):
        pass


def test_a_warehouse_connection_that_does_not_exist_fails_the_task_at_once(shop, api, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_CDP_WAREHOUSE")
    api.answers = [NOT_THERE]

    with (
        pytest.raises(AirflowFailException, match=r"^warehouse connection cdp_warehouse does not exist; create it"),
        inside_a_task(api.url),
    ):
        shop.fetch(DAY)


@pytest.fixture
def metadata(tmp_path, monkeypatch):
    """Read connections as the API server does: from Airflow's metadata database. Returns its file."""
    file = tmp_path / "airflow.db"
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{file}")
    settings.configure_vars()
    settings.reconfigure_orm()
    tables = Connection.metadata.tables
    Connection.metadata.create_all(settings.engine, [tables["team"], tables["connection"]])
    yield file
    monkeypatch.undo()
    settings.configure_vars()
    settings.reconfigure_orm()


@pytest.fixture
def senders(metadata, db, dsn, monkeypatch):
    """Senders of three tenants, of which nobody has no connection, and a clock for them."""
    monkeypatch.setenv("AIRFLOW_CONN_CDP_WAREHOUSE", dsn)
    for number, slug in enumerate(("ferreira", "petbaar", "nobody")):
        db.execute(
            "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
            "values (%s, %s, %s, %s, '2026-11-01')",
            (number, slug, slug, slug),
        )
    with settings.Session() as session:
        for slug in ("ferreira", "petbaar"):
            extra = json.dumps({"hook_secret": f"{slug}s-secret"})
            session.add(Connection(conn_id=f"vtex_{slug}", conn_type="http", extra=extra))
        session.commit()
    now = [1000.0]
    return Senders(clock=lambda: now[0]), now


def goes_down(metadata):
    settings.engine.dispose()
    metadata.rename(metadata.with_suffix(".away"))
    metadata.mkdir()  # else SQLite would make an empty file


def comes_back(metadata):
    metadata.rmdir()
    metadata.with_suffix(".away").rename(metadata)


def ask(senders, *questions):
    """Return the tenant that each pair of slug and secret authenticates, None or ``unknown``."""

    async def one(slug, secret):
        try:
            sender = await senders.authenticate(slug, secret)
        except SendersUnknown:
            return "unknown"
        return sender and sender.slug

    async def each():
        answers = [await one(*question) for question in questions]
        if senders._reading is not None:
            await senders._reading
        return answers

    return asyncio.run(each())


ALL = (("ferreira", "ferreiras-secret"), ("ferreira", "wrong"), ("nobody", ""), ("somebody", ""))


def test_at_the_hook_a_connection_that_does_not_exist_is_a_wrong_secret(senders):
    assert ask(senders[0], *ALL) == ["ferreira", None, None, None]


def test_at_the_hook_an_outage_of_the_metadata_database_is_no_wrong_secret_until_it_is_over(senders, metadata):
    senders, now = senders
    goes_down(metadata)

    assert ask(senders, *ALL) == ["unknown", "unknown", "unknown", None]
    comes_back(metadata)
    now[0] += RETRY_SECONDS
    ask(senders, ("ferreira", ""))  # reads them again, meanwhile the known ones count
    assert ask(senders, *ALL) == ["ferreira", None, None, None]


def test_at_the_hook_secrets_known_before_an_outage_stay_in_use_while_it_lasts(senders, metadata, caplog):
    senders, now = senders
    ask(senders, *ALL)
    goes_down(metadata)

    now[0] += KEPT_SECONDS
    assert ask(senders, *ALL) == ["ferreira", None, None, None]

    assert "The connections of these tenants cannot be read: ferreira, nobody, petbaar" in caplog.text
    assert [senders.secret is None for senders in read_senders().values()] == [True] * 3


def test_in_the_api_server_an_unreadable_warehouse_connection_is_an_outage_and_a_missing_one_is_not(
    metadata, monkeypatch
):
    monkeypatch.delenv("AIRFLOW_CONN_CDP_WAREHOUSE", raising=False)
    with pytest.raises(AirflowFailException, match="cdp_warehouse does not exist"), warehouse():
        pass
    goes_down(metadata)
    with pytest.raises(WarehouseUnavailable, match=r"does not answer \(OperationalError\)"), warehouse():
        pass
