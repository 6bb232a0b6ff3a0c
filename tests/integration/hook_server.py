"""The hook endpoint as served, and the road from it to the warehouse."""

import contextlib
import json
import select
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import uvicorn
from psycopg.conninfo import conninfo_to_dict
from starlette.applications import Starlette
from starlette.routing import Mount

from cdp_sync.web import inbox_writer
from cdp_sync.web.authentication import Senders
from cdp_sync.web.hook_endpoint import build_app
from cdp_sync.web.inbox_writer import InboxWriter
from cdp_sync.web.server import build_server

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
LOCK = "lock table cdp.order_notifications in access exclusive mode"


class Road:
    """A proxy to the warehouse that can cut connections, or lose what is sent."""

    def __init__(self, dsn):
        there = conninfo_to_dict(dsn)
        self._there = (there["host"], int(there["port"]))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.dsn = dsn.replace(f":{there['port']}/", f":{self.port}/")
        self.swallows = False
        self._pairs = []
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def cut(self):
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def _accept(self, listening):
        with contextlib.suppress(OSError):
            while True:
                pair = (listening.accept()[0], socket.create_connection(self._there))
                self._pairs.append(pair)
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, near, far):
        with contextlib.suppress(OSError), near, far:
            lost = False  # a connection that lost something never works again
            while True:
                for end in select.select([near, far], [], [])[0]:
                    if not (data := end.recv(65536)):
                        return
                    lost = lost or self.swallows
                    if not lost:
                        (far if end is near else near).sendall(data)


class Endpoint:
    """The served app. Every request has a connection of its own: httpx may close one that another thread has taken."""

    tls = httpx.create_ssl_context(trust_env=False)  # made once: it takes longer than a request

    def __init__(self, url, db, inbox=None):
        self.url, self.db, self.inbox = url, db, inbox

    def post(self, body, *, slug="ferreira", secret="ferreiras-secret", method="POST", **options):
        headers = {} if secret is None else {"X-CDP-Hook-Secret": secret}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.url}/cdp/hook/{slug}"
        return self.send(method, url, content=data, headers=headers, **options)

    def send(self, method, url, **options):
        return httpx.request(method, url, timeout=20, trust_env=False, verify=self.tls, **options)

    def until(self, status, body, seconds=60, **options):
        deadline = time.monotonic() + seconds
        while self.post(body, **options).status_code != status:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def health(self):
        return self.send("GET", f"{self.url}/cdp/hook/health").status_code

    def rows(self):
        return self.db.execute("select * from cdp.order_notifications").fetchall()

    def many(self, count, *, at_once=50, **options):
        bodies = [LONG_FORM | {"OrderId": f"v{number}-01"} for number in range(count)]
        with ThreadPoolExecutor(at_once) as pool:
            return [answer.status_code for answer in pool.map(lambda body: self.post(body, **options), bodies)]


@pytest.fixture
def road(dsn):
    road = Road(dsn)
    yield road
    road.cut()


@pytest.fixture
def tenants(db, road, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_CDP_WAREHOUSE", road.dsn)
    for number, slug in ((20, "ferreira"), (11, "petbaar"), (12, "nohook"), (13, "sleeping")):
        db.execute(
            "insert into cdp.tenants "
            "(tenant_id, tenant_name, slug, vtex_account, go_live_date, feed_enabled, is_active) "
            "values (%s, %s, %s, %s, '2026-11-01', true, %s)",
            (number, slug, slug, slug, slug != "sleeping"),
        )
        extra = {} if slug == "nohook" else {"hook_secret": f"{slug}s-secret"}
        monkeypatch.setenv(f"AIRFLOW_CONN_VTEX_{slug.upper()}", json.dumps({"conn_type": "http", "extra": extra}))


@pytest.fixture
def now():
    """A clock that the test moves."""
    return [1000.0]


@pytest.fixture
def serve(db, now):
    """Start the app in a thread: under uvicorn as Airflow has it, or ``alone`` under its own server."""
    servers = []

    def start(*, alone=False, **options):
        inbox = InboxWriter(**options)
        app = build_app(Senders(clock=lambda: now[0]), inbox)
        listening = socket.create_server(("127.0.0.1", 0))
        mounted = Starlette(routes=[Mount("/cdp/hook", app)])
        server = build_server(app) if alone else uvicorn.Server(uvicorn.Config(mounted, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        servers.append((server, thread, inbox))
        return Endpoint(f"http://127.0.0.1:{listening.getsockname()[1]}", db, inbox)

    yield start
    for server, thread, inbox in servers:
        server.should_exit = True
        thread.join()
        inbox.close()


@pytest.fixture
def endpoint(tenants, serve):
    return serve()


@pytest.fixture
def patient(monkeypatch):
    """Long timeouts: these tests are not about time, and a busy machine must not fail them."""
    for limit in ("WAIT_SECONDS", "STATEMENT_SECONDS", "STUCK_SECONDS"):
        monkeypatch.setattr(inbox_writer, limit, 60.0)
    monkeypatch.setattr("cdp_sync.web.authentication.WAIT_SECONDS", 60.0)
    monkeypatch.setattr("cdp_sync.web.request_body.READ_SECONDS", 60.0)
