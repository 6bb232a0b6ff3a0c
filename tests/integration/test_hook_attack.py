"""The hook endpoint under attack: what is bounded before anybody is authenticated, and what stays in use meanwhile."""

import contextlib
import socket
import time

import psycopg
import pytest

from cdp_sync.web import connection
from cdp_sync.web.connection import LARGEST_HEAD, counted_as
from cdp_sync.web.tenant_rate import TenantRate
from tests.integration.hook_server import LOCK, LONG_FORM, PING, SHORT_FORM

ANY_POSTGRES = True  # these are about HTTP

BEGUN = b"POST /cdp/hook/ferreira HTTP/1.1\r\nHost: x\r\n"
CHUNKED = BEGUN + b"Transfer-Encoding: chunked\r\n\r\n"
HEALTH = b"GET /cdp/hook/health HTTP/1.1\r\nHost: x\r\n\r\n"
MUCH = 64 * 2**20


@pytest.fixture
def alone(tenants, serve):
    """The endpoint under its own server."""
    return serve(alone=True)


@pytest.fixture
def connect():
    """Open connections to an endpoint; each has sent what is given."""
    with contextlib.ExitStack() as opened:

        def one(endpoint, sent=b""):
            host, port = endpoint.url.removeprefix("http://").split(":")
            client = opened.enter_context(socket.create_connection((host, int(port)), timeout=20))
            client.sendall(sent)
            return client

        yield one


def answer(client):
    """Return all that comes until the server closes the connection."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while data := client.recv(65536):
            got += data
    return got


def sent_before_it_closed(client, piece):
    """Send without end; return the bytes that were taken."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < MUCH:
            client.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.parametrize(
    ("begun", "piece"),
    [
        pytest.param(BEGUN + b"X-Long: ", b"a" * 65536, id="a header"),
        pytest.param(BEGUN, b"X-Line: aaaaaaaa\r\n" * 3000, id="header lines"),
        pytest.param(b"POST /cdp/hook/", b"a" * 65536, id="a request line"),
        pytest.param(CHUNKED + b"1\r\na\r\n0\r\n", b"X-Line: aaaaaaaa\r\n" * 3000, id="trailers"),
        pytest.param(CHUNKED + b"1;", b"a" * 65536, id="a chunk's extension"),
        pytest.param(HEALTH, b"\r\n" * 30000, id="empty lines"),
        pytest.param(HEALTH, HEALTH * 1000, id="requests sent ahead"),
    ],
)
def test_what_has_no_end_is_cut_off_and_real_posts_go_on(alone, connect, begun, piece):
    assert sent_before_it_closed(connect(alone, begun), piece) < MUCH

    assert alone.post(LONG_FORM).status_code == 200


def test_a_head_that_is_too_large_is_refused_and_the_connection_closed(alone, connect):
    client = connect(alone, BEGUN + b"X-Long: " + b"a" * LARGEST_HEAD)

    assert answer(client).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("by_itself", [True, False])
def test_headers_that_a_server_let_pass_are_refused_by_the_endpoint(tenants, serve, connect, by_itself):
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(20))
    client = connect(serve(alone=by_itself), BEGUN + headers + b"Content-Length: 0\r\nConnection: close\r\n\r\n")

    assert answer(client).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("by_itself", [True, False])
@pytest.mark.parametrize("path", ["ferreira", "ferreira/more", "health"])
def test_a_body_without_end_is_cut_off_whatever_the_answer(tenants, serve, connect, by_itself, path):
    endpoint = serve(alone=by_itself)
    begun = b"POST /cdp/hook/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n" % path.encode()

    assert sent_before_it_closed(connect(endpoint, begun), b"a" * 65536) < MUCH

    assert endpoint.post(LONG_FORM).status_code == 200


@pytest.mark.parametrize(
    "begun", [b"", BEGUN, BEGUN + b"X-A", HEALTH + BEGUN, HEALTH + b"\r\n", BEGUN + b"Content-Length: 999\r\n\r\n"]
)
def test_a_request_that_is_not_complete_in_time_closes_the_connection_however_it_drips(
    alone, connect, monkeypatch, begun
):
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.4)
    client = connect(alone, begun)
    deadline = time.monotonic() + 10
    with contextlib.suppress(ConnectionError):
        while True:
            client.settimeout(0.1)
            with contextlib.suppress(TimeoutError):
                if client.recv(65536) == b"":
                    break
            if begun:
                client.sendall(b"a")
            assert time.monotonic() < deadline


def test_a_connection_between_two_requests_is_kept(alone, connect, monkeypatch):
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.2)
    client = connect(alone, HEALTH)
    assert client.recv(65536).startswith(b"HTTP/1.1 200 ")

    time.sleep(0.5)

    client.sendall(HEALTH)
    assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("begun", [b"", BEGUN, BEGUN + b"Content-Length: 100\r\n\r\n{"])
def test_who_opens_many_connections_and_completes_no_request_shuts_nobody_out(
    tenants, serve, connect, monkeypatch, begun
):
    monkeypatch.setenv("CDP_HOOK_CONNECTIONS", "20")
    endpoint = serve(alone=True)
    crowd = [connect(endpoint, begun) for _ in range(60)]

    statuses = [endpoint.post(LONG_FORM | {"OrderId": f"v{number}"}).status_code for number in range(30)]

    assert statuses == [200] * 30
    closed = [client for client in crowd[:40] if answer(client) == b""]
    assert len(closed) == 40


def test_unfinished_connections_make_room_before_idle_ones_and_of_these_the_longest_idle(
    tenants, serve, connect, monkeypatch
):
    def asks(client):
        client.sendall(HEALTH)
        return client.recv(65536).startswith(b"HTTP/1.1 200 ")

    monkeypatch.setenv("CDP_HOOK_CONNECTIONS", "2")
    endpoint = serve(alone=True)
    first, unfinished = connect(endpoint), connect(endpoint, BEGUN)
    assert asks(first)
    second = connect(endpoint)
    assert asks(second)
    assert answer(unfinished) == b""
    assert asks(first)

    third = connect(endpoint)

    assert asks(third)
    assert answer(second) == b""
    assert asks(first)


@pytest.mark.parametrize("bound", ["of one address", "altogether"])
def test_connections_at_work_are_never_closed_for_others(patient, tenants, serve, connect, dsn, monkeypatch, bound):
    monkeypatch.setenv("CDP_HOOK_CONNECTIONS", "3" if bound == "of one address" else "0")
    monkeypatch.setattr(connection, "MOST_CONNECTIONS", 3 if bound == "altogether" else 900)
    endpoint = serve(alone=True)
    body = b'{"OrderId":"v%d","State":"x","CurrentChange":"2026-11-20T12:00:00Z","Origin":{"Account":"ferreira"}}'
    head = BEGUN + b"X-CDP-Hook-Secret: ferreiras-secret\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    assert endpoint.post(PING).status_code == 200
    with psycopg.connect(dsn) as other:
        other.execute(LOCK)
        bodies = [body % number for number in range(3)]
        at_work = [connect(endpoint, head % len(each) + each) for each in bodies]
        time.sleep(0.3)

        assert answer(connect(endpoint, b"")) == b""

        other.rollback()
    assert [answer(client)[:13] for client in at_work] == [b"HTTP/1.1 200 "] * 3
    assert endpoint.post(PING).status_code == 200


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_connections_count_by_address_of_ipv6_by_network(host, address):
    assert counted_as(host) == address


def test_the_log_counts_what_is_no_http(alone, connect, caplog):
    for _ in range(20):
        answer(connect(alone, b"no HTTP\r\n\r\n"))

    lines = [record.getMessage() for record in caplog.records if record.levelname != "DEBUG"]
    assert lines == ["Hook requests refused since the last such line: unknown tenant HTTP 400: 1"]


@pytest.mark.parametrize("by_itself", [True, False])
def test_beyond_its_rate_a_tenant_is_told_to_come_again_and_nothing_is_stored(tenants, serve, monkeypatch, by_itself):
    monkeypatch.setenv("CDP_HOOK_RATE", "0.001")
    endpoint = serve(alone=by_itself)
    theirs = LONG_FORM | {"Origin": {"Account": "petbaar"}}

    answers = [endpoint.post(body) for body in (PING, LONG_FORM, SHORT_FORM, LONG_FORM)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert len(endpoint.rows()) == 1
    assert endpoint.post(theirs, slug="petbaar", secret="petbaars-secret").status_code == 200
    assert endpoint.post(SHORT_FORM, secret="wrong").status_code == 401


def test_a_tenants_rate_is_kept_for_long_and_a_flood_gets_no_more_than_it():
    now = [50.0]
    steady, flooded = (TenantRate(1000, clock=lambda: now[0]) for _ in range(2))
    admitted = 0
    for _ in range(30_000):
        assert steady.admit(20)
        admitted += sum(flooded.admit(20) for _ in range(3))
        now[0] += 0.001

    assert admitted == pytest.approx(31_000, abs=2)  # thirty seconds, and the one that may come at once


@pytest.mark.parametrize("rate", ["0", "-1", "nan"])
def test_a_rate_that_admits_nothing_is_refused(monkeypatch, tenants, serve, rate):
    monkeypatch.setenv("CDP_HOOK_RATE", rate)

    with pytest.raises(ValueError, match="CDP_HOOK_RATE"):
        serve()
