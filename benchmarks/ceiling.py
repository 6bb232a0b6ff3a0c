"""Speed of the sandbox itself, with a client that costs almost nothing."""

from __future__ import annotations

import socket
import time
from urllib.parse import quote, urlencode, urlsplit

from benchmarks.stage_set import DAY, StageSet

ORDERS, BATCH, ROUNDS = 2_000, 100, 150


def ceiling(stage: StageSet) -> None:
    """Measure documents and list pages a second, over one socket with pipelined requests and unparsed answers."""
    stage.shop(ORDERS)
    truth = list(stage.sandbox.truth("bench", *DAY))
    details = [f"/api/oms/pvt/orders/{quote(order_id, safe='')}" for order_id in truth[:BATCH]]
    bounds = f"creationDate:[{DAY[0][:-1]}.000Z TO {DAY[1][:-1]}.000Z]"
    pages = [
        "/api/oms/pvt/orders?"
        + urlencode({"f_creationDate": bounds, "orderBy": "creationDate,asc", "per_page": 100, "page": number % 20 + 1})
        for number in range(BATCH)
    ]
    print("\nthe sandbox's own ceiling, one core")
    print(f"  documents/s   {_rate(stage, details, ROUNDS):>8.0f}")
    print(f"  list pages/s  {_rate(stage, pages, ROUNDS // 10):>8.0f}   (100 rows each)")


def _rate(stage: StageSet, paths: list[str], rounds: int) -> float:
    url = urlsplit(stage.sandbox.account_url("bench"))
    key, token = stage.sandbox.credentials("bench")
    head = f"Host: x\r\nX-VTEX-API-AppKey: {key}\r\nX-VTEX-API-AppToken: {token}\r\n\r\n"
    batch = "".join(f"GET {url.path}{path} HTTP/1.1\r\n{head}" for path in paths).encode()
    with socket.create_connection((url.hostname or "", url.port or 0)) as connection:
        size = _exchange(connection, batch, None)
        begin = time.perf_counter()
        for _ in range(rounds):
            _exchange(connection, batch, size)
        return rounds * len(paths) / (time.perf_counter() - begin)


def _exchange(connection: socket.socket, batch: bytes, size: int | None) -> int:
    """Send a batch and read its answers: ``size`` bytes, or all of them if None."""
    connection.sendall(batch)
    connection.settimeout(2.0 if size is None else 60.0)
    received = 0
    while size is None or received < size:
        try:
            chunk = connection.recv(2**20)
        except TimeoutError:
            break
        received += len(chunk)
    return received
