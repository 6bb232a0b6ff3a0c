"""What the hook endpoint takes, and what it refuses without writing anything."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from cdp_sync.web import inbox_writer
from cdp_sync.web.hook_endpoint import LARGEST_BODY, build_app
from cdp_sync.web.inbox_writer import InboxWriter
from cdp_sync.web.senders import KEPT_SECONDS, Senders, read_senders
from local.environment import LOCAL_TZ
from local.postgres import create_database, drop_database

PING = {"hookConfig": "ping"}
LONG_FORM = {
    "Domain": "Fulfillment",
    "OrderId": "v52277740atmc-01",
    "State": "ready-for-handling",
    "LastState": "window-to-cancel",
    "LastChange": "2019-08-14T17:11:39.2550122Z",
    "CurrentChange": "2019-08-14T17:12:48.0965893Z",
    "Origin": {"Account": "ferreira", "Key": "vtexappkey-appvtex"},
}
SHORT_FORM = {
    "Domain": "Marketplace",
    "OrderId": "v40484048naf-01",
    "State": "payment-approved",
    "LastChange": "2019-07-29T23:17:30.0617185Z",
    "Origin": {"Account": "Ferreira", "Key": "vtexappkey-keyEDF"},
}


class Endpoint:
    def __init__(self, url, db):
        self.url, self.db = url, db

    def post(self, body, *, slug="ferreira", secret="ferreiras-secret", method="POST", **options):
        headers = {} if secret is None else {"X-CDP-Hook-Secret": secret}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.url}/cdp/hook/{slug}"
        return httpx.request(method, url, content=data, headers=headers, timeout=10, trust_env=False, **options)

    def health(self):
        return httpx.get(f"{self.url}/cdp/hook/health", trust_env=False).status_code

    def rows(self):
        return self.db.execute("select * from cdp.order_notifications").fetchall()

    def many(self, count, *, at_once=50, **options):
        bodies = [LONG_FORM | {"OrderId": f"v{number}-01"} for number in range(count)]
        with ThreadPoolExecutor(at_once) as pool:
            return [answer.status_code for answer in pool.map(lambda body: self.post(body, **options), bodies)]


@pytest.fixture
def tenants(db, dsn, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_CDP_WAREHOUSE", dsn)
    for number, slug in ((20, "ferreira"), (11, "petbaar"), (12, "nohook"), (13, "sleeping")):
        db.execute(
            "insert into cdp.tenants "
            "(tenant_id, tenant_name, slug, vtex_account, go_live_date, feed_enabled, is_active) "
            "values (%s, %s, %s, %s, current_date, true, %s)",
            (number, slug, slug, slug, slug != "sleeping"),
        )
        extra = {} if slug == "nohook" else {"hook_secret": f"{slug}s-secret"}
        monkeypatch.setenv(f"AIRFLOW_CONN_VTEX_{slug.upper()}", json.dumps({"conn_type": "http", "extra": extra}))


@pytest.fixture
def now():
    """A clock the test moves."""
    return [1000.0]


@pytest.fixture
def serve(db, now):
    """Start the app under uvicorn, in a thread."""
    servers = []

    def start(**options):
        app = Starlette(routes=[Mount("/cdp/hook", build_app(Senders(clock=lambda: now[0]), InboxWriter(**options)))])
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        servers.append((server, thread))
        return Endpoint(f"http://127.0.0.1:{listening.getsockname()[1]}", db)

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join()


@pytest.fixture
def endpoint(tenants, serve):
    return serve()


def test_a_notification_is_stored_before_it_is_answered(endpoint):
    assert endpoint.post(LONG_FORM).status_code == 200

    (row,) = endpoint.rows()
    assert (row["tenant_id"], row["order_id"], row["state"], row["last_state"], row["domain"], row["source"]) == (
        20, "v52277740atmc-01", "ready-for-handling", "window-to-cancel", "Fulfillment", "hook",
    )  # fmt: skip
    assert row["changed_at"].isoformat() == "2019-08-14T14:12:48.096589-03:00"
    assert row["last_changed_at"].isoformat() == "2019-08-14T14:11:39.255012-03:00"
    assert row["processed_at"] is None


def test_the_short_form_names_one_time_only_that_of_the_new_state(endpoint):
    assert endpoint.post(SHORT_FORM).status_code == 200

    (row,) = endpoint.rows()
    assert row["changed_at"].isoformat() == "2019-07-29T20:17:30.061718-03:00"
    assert (row["last_state"], row["last_changed_at"]) == (None, None)


def test_the_same_notification_any_number_of_times_is_one_row(endpoint):
    with ThreadPoolExecutor(20) as pool:
        statuses = {answer.status_code for answer in pool.map(lambda _: endpoint.post(LONG_FORM), range(60))}

    assert (statuses, len(endpoint.rows())) == ({200}, 1)


def test_every_200_is_a_row_whoever_comes_at_once(endpoint):
    statuses = endpoint.many(400)

    assert statuses == [200] * 400
    assert len(endpoint.rows()) == 400


@pytest.mark.parametrize("secret", ["ferreiras-secret", None])
def test_the_ping_is_answered_with_the_secret_or_without_one(endpoint, secret):
    assert endpoint.post(PING, secret=secret).status_code == 200
    assert endpoint.rows() == []


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        (LONG_FORM, {"secret": "wrong"}, 401),
        (LONG_FORM, {"secret": ""}, 401),
        (LONG_FORM, {"secret": None}, 401),
        (LONG_FORM, {"secret": "petbaars-secret"}, 401),
        (LONG_FORM, {"slug": "petbaar"}, 401),
        (LONG_FORM, {"slug": "nobody"}, 401),
        (LONG_FORM, {"slug": "nobody", "secret": "nobody's"}, 401),
        (LONG_FORM, {"slug": "nohook", "secret": ""}, 401),
        (LONG_FORM, {"slug": "sleeping", "secret": "sleepings-secret"}, 401),
        (PING, {"secret": "wrong"}, 401),
        (LONG_FORM, {"slug": "petbaar", "secret": "petbaars-secret"}, 403),
        (b"{not json", {}, 400),
        (b"", {}, 400),
        (b'"text"', {}, 400),
        (b'{"OrderId": "\xff", "Origin": {"Account": "ferreira"}}', {}, 400),
        (b'{"OrderId": "\\ud800", "CurrentChange": "2026-11-20", "Origin": {"Account": "ferreira"}}', {}, 400),
        ({"hello": "world"}, {}, 400),
        ({**LONG_FORM, "OrderId": ""}, {}, 400),
        ({**LONG_FORM, "OrderId": 7}, {}, 400),
        ({**LONG_FORM, "OrderId": "x" * 201}, {}, 400),
        ({**LONG_FORM, "OrderId": "a\0b"}, {}, 400),
        ({**LONG_FORM, "CurrentChange": "yesterday"}, {}, 400),
        ({**LONG_FORM, "CurrentChange": None, "LastChange": None}, {}, 400),
        ({**LONG_FORM, "Origin": None}, {}, 400),
        ({**LONG_FORM, "More": "x" * LARGEST_BODY}, {}, 413),
        (LONG_FORM, {"method": "GET"}, 405),
        (LONG_FORM, {"method": "PUT"}, 405),
        (LONG_FORM, {"slug": "ferreira/more"}, 404),
    ],
)
def test_what_is_refused_writes_nothing_and_gives_nothing_away(endpoint, body, options, status):
    answer = endpoint.post(body, **options)

    assert answer.status_code == status
    assert endpoint.rows() == []
    assert "secret" not in answer.text
    assert "ferreira" not in answer.text


def test_a_body_that_does_not_say_its_size_is_bounded_too(endpoint):
    def endless():
        for _ in range(64):
            yield b" " * 1024

    url = f"{endpoint.url}/cdp/hook/ferreira"
    headers = {"X-CDP-Hook-Secret": "ferreiras-secret"}

    assert httpx.post(url, content=endless(), headers=headers, trust_env=False).status_code == 413


def test_a_body_that_never_comes_is_not_waited_for(endpoint, monkeypatch):
    monkeypatch.setattr("cdp_sync.web.hook_endpoint.READ_SECONDS", 0.3)
    host, port = endpoint.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        client.sendall(
            b"POST /cdp/hook/ferreira HTTP/1.1\r\nHost: x\r\nX-CDP-Hook-Secret: ferreiras-secret\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        assert b" 408 " in client.recv(200)


def test_a_secret_that_was_changed_is_known_within_half_a_minute(endpoint, now, monkeypatch):
    assert endpoint.post(PING).status_code == 200
    monkeypatch.setenv(
        "AIRFLOW_CONN_VTEX_FERREIRA", json.dumps({"conn_type": "http", "extra": {"hook_secret": "another"}})
    )
    assert endpoint.post(PING, secret="another").status_code == 401

    now[0] += KEPT_SECONDS
    endpoint.post(PING)  # nobody waits for a reading: this one starts it

    deadline = time.monotonic() + 5
    while endpoint.post(PING, secret="another").status_code != 200:
        assert time.monotonic() < deadline
    assert endpoint.post(PING).status_code == 401


def test_unknown_tenants_in_numbers_cost_no_reading_each(endpoint):
    endpoint.post(PING)
    before = endpoint.db.execute("select xact_commit from pg_stat_database where datname = current_database()")
    before = before.fetchone()["xact_commit"]

    statuses = endpoint.many(100, slug="nobody")

    assert statuses == [401] * 100
    after = endpoint.db.execute("select xact_commit from pg_stat_database where datname = current_database()")
    assert after.fetchone()["xact_commit"] - before < 20


def test_a_warehouse_that_hangs_is_an_error_in_time_and_takes_again_afterwards(endpoint, dsn):
    assert endpoint.post(LONG_FORM).status_code == 200
    with psycopg.connect(dsn) as other:
        other.execute("lock table cdp.order_notifications in access exclusive mode")
        began = time.monotonic()

        answer = endpoint.post(SHORT_FORM)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert time.monotonic() - began < 4.5
        assert endpoint.health() == 503
        other.rollback()
    assert endpoint.post(SHORT_FORM).status_code == 200
    assert (len(endpoint.rows()), endpoint.health()) == (2, 200)


def test_a_connection_that_is_cut_is_opened_again(endpoint):
    assert endpoint.post(LONG_FORM).status_code == 200
    endpoint.db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid()"
    )

    statuses = [endpoint.post(SHORT_FORM).status_code for _ in range(2)]

    assert statuses == [503, 200]
    assert len(endpoint.rows()) == 2


def test_a_warehouse_that_is_not_there_is_503_and_not_a_wrong_secret(tenants, serve, server, dsn, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_CDP_WAREHOUSE", server.format("not_there"))
    endpoint = serve()

    assert endpoint.post(LONG_FORM).status_code == 503

    create_database(server.format("postgres"), "not_there", template="migrated", timezone=LOCAL_TZ)
    try:
        assert endpoint.post(LONG_FORM).status_code == 401  # a warehouse without tenants
    finally:
        drop_database(server.format("postgres"), "not_there")


def test_a_row_the_warehouse_refuses_takes_none_of_the_others_with_it(endpoint):
    endpoint.post(PING)
    endpoint.db.execute("alter table cdp.order_notifications add check (order_id <> 'v7-01')")

    statuses = endpoint.many(100)

    assert statuses.count(503) == 1
    assert len(endpoint.rows()) == statuses.count(200) == 99


def test_a_flood_of_one_tenant_is_refused_and_leaves_room_for_the_others(endpoint, dsn, monkeypatch):
    monkeypatch.setattr(inbox_writer, "MOST_OF_ONE_TENANT", 20)
    monkeypatch.setattr(inbox_writer, "MOST_WAITING", 30)
    endpoint.post(PING)
    with psycopg.connect(dsn) as other:
        other.execute("lock table cdp.order_notifications in access exclusive mode")
        with ThreadPoolExecutor(100) as pool:
            bodies = [LONG_FORM | {"OrderId": f"f{number}"} for number in range(60)]
            flood = [pool.submit(endpoint.post, body) for body in bodies]
            deadline = time.monotonic() + 5
            while sum(answer.done() for answer in flood) < 40:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            theirs = LONG_FORM | {"Origin": {"Account": "petbaar"}}
            others = [
                pool.submit(endpoint.post, theirs | {"OrderId": f"p{number}"}, slug="petbaar", secret="petbaars-secret")
                for number in range(15)
            ]
            while sum(answer.done() for answer in others) < 5:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            other.rollback()
            flooded = [answer.result().status_code for answer in flood]
            answered = [answer.result().status_code for answer in others]

    assert flooded.count(429) == 40
    assert answered.count(503) >= 5
    assert len(endpoint.rows()) == flooded.count(200) + answered.count(200) > 0


def test_the_app_runs_on_its_own_and_ends_when_told(tenants, db):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "cdp_sync.web", "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "plugins")},
    )
    endpoint = Endpoint(f"http://127.0.0.1:{port}", db)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                assert endpoint.health() == 200
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert endpoint.post(LONG_FORM).status_code == 200
    finally:
        process.terminate()
    assert process.wait(timeout=20) in (0, -15)
    assert len(endpoint.rows()) == 1


def test_who_may_post_is_who_is_active_has_a_feed_and_a_secret(tenants, db):
    db.execute("update cdp.tenants set feed_enabled = false where slug = 'petbaar'")

    assert set(read_senders()) == {"ferreira"}


def test_the_plugin_costs_airflows_processes_nothing():
    code = (
        "import sys; import airflow.plugins_manager; before = set(sys.modules); import cdp_plugin; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "assert not new & {'starlette', 'fastapi', 'psycopg', 'cdp_sync', 'aiohttp'}, new; "
        "assert cdp_plugin.CdpPlugin.fastapi_apps[0]['url_prefix'] == '/cdp/hook'"
    )
    plugins = str(Path(__file__).parents[2] / "plugins")

    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": plugins})
