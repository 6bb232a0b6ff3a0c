"""The hook endpoint: requests it accepts, and those it refuses without writing anything."""

import json
import logging
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from airflow.sdk import BaseHook
from psycopg.conninfo import conninfo_to_dict

from cdp_sync.web import authentication, inbox_writer, request_body
from cdp_sync.web.authentication import FRESH_SECONDS, KEPT_SECONDS, read_senders
from cdp_sync.web.request_body import LARGEST_BODY
from tests.integration.hook_server import LOCK, LONG_FORM, PING, SHORT_FORM, Endpoint

ANY_POSTGRES = True  # these are about HTTP; the inbox they fill is every feed test's


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


def test_the_same_notification_any_number_of_times_is_one_row(patient, endpoint):
    with ThreadPoolExecutor(20) as pool:
        statuses = {answer.status_code for answer in pool.map(lambda _: endpoint.post(LONG_FORM), range(60))}

    assert (statuses, len(endpoint.rows())) == ({200}, 1)


def test_every_200_is_a_row_whatever_the_concurrency(patient, endpoint):
    statuses = endpoint.many(400)

    assert statuses == [200] * 400
    assert len(endpoint.rows()) == 400


@pytest.mark.parametrize(("slug", "secret"), [("ferreira", "ferreiras-secret"), ("ferreira", None), ("nobody", None)])
def test_the_ping_is_answered_with_the_secret_or_without_one(endpoint, slug, secret):
    assert endpoint.post(PING, slug=slug, secret=secret).status_code == 200
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
        (PING, {"slug": "nobody", "secret": "wrong"}, 401),
        (LONG_FORM, {"slug": "petbaar", "secret": "petbaars-secret"}, 403),
        (b"{not json", {}, 400),
        (b"", {}, 400),
        (b'"text"', {}, 400),
        (b'{"OrderId": "\xff", "Origin": {"Account": "ferreira"}}', {}, 400),
        (b'{"OrderId": "\\ud800", "CurrentChange": "2026-11-20", "Origin": {"Account": "ferreira"}}', {}, 400),
        ({"hello": "world"}, {}, 400),
        ({**LONG_FORM, "OrderId": ""}, {}, 400),
        ({**LONG_FORM, "CurrentChange": "0001-01-01T00:00:00Z"}, {}, 400),
        ({**LONG_FORM, "CurrentChange": "9999-12-31T23:59:59.9999999Z"}, {}, 400),
        ({**LONG_FORM, "OrderId": 7}, {}, 400),
        ({**LONG_FORM, "OrderId": "x" * 201}, {}, 400),
        ({**LONG_FORM, "OrderId": "a\0b"}, {}, 400),
        ({**LONG_FORM, "CurrentChange": "yesterday"}, {}, 400),
        ({**LONG_FORM, "CurrentChange": None, "LastChange": None}, {}, 400),
        ({**LONG_FORM, "Origin": None}, {}, 400),
        ({**LONG_FORM, "More": "x" * LARGEST_BODY}, {}, 413),
        (b"[" * 16000, {}, 400),
        (b'{"x":' + b"[" * 16000, {}, 400),
        (b"null", {}, 400),
        (b"x" * (LARGEST_BODY + 1), {"secret": None}, 413),
        ({**PING, "more": 1}, {"secret": None}, 401),
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

    assert endpoint.send("POST", url, content=endless(), headers=headers).status_code == 413


def test_many_unknown_tenants_do_not_cost_a_read_each(patient, endpoint):
    endpoint.post(PING)
    before = endpoint.db.execute("select xact_commit from pg_stat_database where datname = current_database()")
    before = before.fetchone()["xact_commit"]

    statuses = endpoint.many(100, slug="nobody")

    assert statuses == [401] * 100
    after = endpoint.db.execute("select xact_commit from pg_stat_database where datname = current_database()")
    assert after.fetchone()["xact_commit"] - before < 20


def test_a_connection_that_is_cut_is_opened_again(endpoint):
    assert endpoint.post(LONG_FORM).status_code == 200
    endpoint.db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid()"
    )

    statuses = [endpoint.post(SHORT_FORM).status_code for _ in range(2)]

    assert statuses == [503, 200]
    assert len(endpoint.rows()) == 2


def test_a_row_the_warehouse_refuses_takes_none_of_the_others_with_it(patient, endpoint):
    endpoint.post(PING)
    endpoint.db.execute("alter table cdp.order_notifications add check (order_id <> 'v7-01')")

    statuses = endpoint.many(100)

    assert statuses.count(503) == 1
    assert len(endpoint.rows()) == statuses.count(200) == 99


def test_a_flood_of_one_tenant_is_refused_and_leaves_room_for_the_others(patient, endpoint, dsn, monkeypatch):
    monkeypatch.setattr(inbox_writer, "MOST_OF_ONE_TENANT", 20)
    monkeypatch.setattr(inbox_writer, "MOST_WAITING", 30)
    endpoint.post(PING)
    with psycopg.connect(dsn) as other:
        other.execute("lock table cdp.order_notifications in access exclusive mode")
        with ThreadPoolExecutor(100) as pool:
            bodies = [LONG_FORM | {"OrderId": f"f{number}"} for number in range(60)]
            flood = [pool.submit(endpoint.post, body) for body in bodies]
            deadline = time.monotonic() + 30
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


def test_every_unauthenticated_request_is_refused_alike(endpoint):
    ways = [
        {"secret": "wrong"},
        {"secret": None},
        {"secret": ""},
        {"slug": "nobody"},
        {"slug": "nohook"},
        {"slug": "nohook", "secret": ""},
        {"slug": "sleeping", "secret": "sleepings-secret"},
    ]
    answers = [endpoint.post(LONG_FORM, **way) for way in ways]

    said = {(answer.status_code, answer.text, frozenset(answer.headers.keys() - {"date"})) for answer in answers}
    assert said == {(401, "not authenticated", frozenset({"content-length", "content-type", "server"}))}


def test_a_secret_may_hold_any_character(endpoint, now, monkeypatch):
    extra = {"hook_secret": "señal-secreta"}
    monkeypatch.setenv("AIRFLOW_CONN_VTEX_FERREIRA", json.dumps({"conn_type": "http", "extra": extra}))

    assert endpoint.post(LONG_FORM, secret="señal-secreta".encode()).status_code == 200


def test_a_body_that_never_comes_is_not_waited_for(endpoint, monkeypatch):
    monkeypatch.setattr(request_body, "READ_SECONDS", 0.3)
    host, port = endpoint.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        client.sendall(
            b"POST /cdp/hook/ferreira HTTP/1.1\r\nHost: x\r\nX-CDP-Hook-Secret: ferreiras-secret\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        answer = b""
        while data := client.recv(200):  # to the end: the connection is closed
            answer += data

    assert b" 408 " in answer
    assert endpoint.rows() == []


def change_secret(monkeypatch):
    extra = {"hook_secret": "another"}
    monkeypatch.setenv("AIRFLOW_CONN_VTEX_FERREIRA", json.dumps({"conn_type": "http", "extra": extra}))


def test_a_changed_secret_opens_nothing_after_half_a_minute_even_if_nobody_came_meanwhile(endpoint, now, monkeypatch):
    assert endpoint.post(LONG_FORM).status_code == 200
    change_secret(monkeypatch)
    assert endpoint.post(SHORT_FORM, secret="another").status_code == 401

    now[0] += KEPT_SECONDS

    assert endpoint.post(SHORT_FORM).status_code == 401
    assert endpoint.post(SHORT_FORM, secret="another").status_code == 200


def test_under_constant_requests_none_waits_while_a_changed_secret_is_read(endpoint, now, monkeypatch):
    assert endpoint.post(LONG_FORM).status_code == 200
    change_secret(monkeypatch)

    now[0] += FRESH_SECONDS

    assert endpoint.post(PING).status_code == 200  # still the old one; this request started the refresh
    endpoint.until(200, PING, secret="another")
    assert endpoint.post(PING).status_code == 401


def test_a_tenant_that_is_switched_off_may_not_post_after_half_a_minute(endpoint, now):
    assert endpoint.post(LONG_FORM).status_code == 200
    endpoint.db.execute("update cdp.tenants set is_active = false where slug = 'ferreira'")

    now[0] += KEPT_SECONDS

    assert endpoint.post(SHORT_FORM).status_code == 401


def test_a_tenant_whose_feed_or_sync_is_paused_may_post(endpoint):
    endpoint.db.execute("update cdp.tenants set feed_enabled = false, sync_enabled = false")

    assert endpoint.post(LONG_FORM).status_code == 200
    assert len(endpoint.rows()) == 1


def test_a_connection_that_cannot_be_read_shuts_no_other_tenant_out(tenants, monkeypatch):
    stock = BaseHook.get_connection

    def get_connection(conn_id):
        if conn_id == "vtex_petbaar":
            raise ValueError("its extra is no JSON")
        return stock(conn_id)

    monkeypatch.setattr(BaseHook, "get_connection", staticmethod(get_connection))

    senders = read_senders()

    assert [slug for slug, sender in senders.items() if sender.secret] == ["ferreira"]


def test_who_may_post_is_remembered_while_the_warehouse_is_down(endpoint, road, now):
    assert endpoint.post(LONG_FORM).status_code == 200
    now[0] += KEPT_SECONDS
    road.cut()

    assert endpoint.post(PING).status_code == 200
    assert endpoint.post(PING, secret="wrong").status_code == 401
    assert endpoint.post(SHORT_FORM).status_code == 503


def test_a_warehouse_that_was_never_there_is_503_and_not_a_wrong_secret(tenants, serve, road, now):
    road.cut()
    endpoint = serve()
    assert [endpoint.post(LONG_FORM).status_code, endpoint.health()] == [503, 503]
    road.mend()
    assert endpoint.post(LONG_FORM).status_code == 503  # not checked at every request

    now[0] += 1

    assert endpoint.post(LONG_FORM).status_code == 200


def test_a_warehouse_that_goes_down_is_503_at_once_until_it_is_back(patient, endpoint, road):
    assert endpoint.post(LONG_FORM).status_code == 200
    road.cut()

    answers = [endpoint.post(SHORT_FORM) for _ in range(3)]  # a wait would outlast the client's patience

    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(503, "1")] * 3
    assert (len(endpoint.rows()), endpoint.health()) == (1, 503)
    road.mend()
    assert endpoint.post(SHORT_FORM).status_code == 200
    assert (len(endpoint.rows()), endpoint.health()) == (2, 200)


def test_a_connection_the_network_swallowed_is_given_up(tenants, serve, road):
    endpoint = serve(stuck_seconds=4)
    assert endpoint.post(LONG_FORM).status_code == 200
    road.swallows = True
    assert endpoint.post(SHORT_FORM).status_code == 503
    road.swallows = False

    endpoint.until(200, SHORT_FORM)

    assert len(endpoint.rows()) == 2


def test_vtex_gives_up_after_five_seconds_and_every_answer_is_due_before():
    # Asserted here: how long one took, a busy machine decides. The client of these tests gives up after twenty.
    assert inbox_writer.STATEMENT_SECONDS < inbox_writer.WAIT_SECONDS < 5 - authentication.WAIT_SECONDS


def test_a_table_that_is_locked_is_503_and_taken_again_afterwards(endpoint, dsn):
    assert endpoint.post(LONG_FORM).status_code == 200
    with psycopg.connect(dsn) as other:
        other.execute(LOCK)

        statuses = endpoint.many(60)

        assert set(statuses) == {503}
        answer = endpoint.post(SHORT_FORM)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert endpoint.health() == 503
        other.rollback()
    assert endpoint.post(SHORT_FORM).status_code == 200
    assert (len(endpoint.rows()), endpoint.health()) == (2, 200)


def test_the_session_that_writes_commits_to_disk_whatever_the_servers_default(endpoint, dsn):
    endpoint.db.execute(f"alter database {conninfo_to_dict(dsn)['dbname']} set synchronous_commit = off")
    endpoint.db.execute("create table said (how text)")
    endpoint.db.execute(
        "create function say() returns trigger language plpgsql as $$ begin "
        "insert into said values (current_setting('synchronous_commit')); return new; end $$"
    )
    endpoint.db.execute("create trigger say after insert on cdp.order_notifications execute function say()")

    assert endpoint.post(LONG_FORM).status_code == 200

    assert endpoint.db.execute("select how from said").fetchall() == [{"how": "on"}]


def test_many_that_come_at_once_go_into_few_transactions(patient, endpoint, dsn):
    endpoint.post(PING)
    with psycopg.connect(dsn) as other:
        other.execute(LOCK)
        with ThreadPoolExecutor(1) as pool:
            answers = pool.submit(endpoint.many, 50)
            deadline = time.monotonic() + 60
            while endpoint.inbox._waiting.total() < 50:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            other.rollback()
            assert answers.result() == [200] * 50

    assert (
        endpoint.db.execute("select count(distinct xmin::text) as n from cdp.order_notifications").fetchone()["n"] <= 5
    )


def test_the_log_counts_refusals_and_repeats_nothing_of_the_request(patient, endpoint, caplog):
    caplog.set_level(logging.DEBUG)

    endpoint.many(20, secret="hunter2", slug="somebody-elses")

    lines = [record.getMessage() for record in caplog.records if record.name.startswith("cdp_sync.web")]
    assert lines == ["Hook requests refused since the last such line: unknown tenant HTTP 401: 1"]
    assert not any("hunter2" in line or "v52277740atmc" in line for line in lines)


def test_the_app_runs_on_its_own_and_ends_when_asked_to(tenants, db):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "cdp_sync.web", "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "plugins")},
        stderr=subprocess.PIPE,
        text=True,
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
        db.execute("create function slow() returns trigger language plpgsql as "
                   "$$ begin perform pg_sleep(1); return new; end $$")  # fmt: skip
        db.execute("create trigger slow before insert on cdp.order_notifications execute function slow()")
        with ThreadPoolExecutor(1) as pool:
            last = pool.submit(endpoint.post, SHORT_FORM)
            sleeping = "select count(*) as n from pg_stat_activity where wait_event = 'PgSleep'"
            while not db.execute(sleeping).fetchone()["n"]:
                assert time.monotonic() < deadline
            process.terminate()
            assert last.result().status_code == 200
    finally:
        process.terminate()
        said = process.communicate(timeout=20)[1]
    assert (process.returncode, "Traceback" in said) == (0, False)
    assert len(endpoint.rows()) == 2
