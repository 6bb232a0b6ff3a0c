"""
Load on a hook endpoint: ``python -m benchmarks.hook_load host:port rate seconds tenants``.

With a rate, notifications are due at fixed intervals even while earlier ones are unanswered, as shops send them;
latency counts from the due time. With rate 0, each connection sends its next once it has its answer.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvloop

CONNECTIONS = 64


class Load:
    """Sender of notifications, with its results."""

    def __init__(self, address: str, tenants: int) -> None:
        self.host, _, port = address.partition(":")
        self.port, self.tenants = int(port), tenants
        self.sent = self.accepted = 0
        self.latencies: list[float] = []
        self.idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def connect(self) -> None:
        for _ in range(CONNECTIONS):
            self.idle.put_nowait(await asyncio.open_connection(self.host, self.port))

    def request(self) -> bytes:
        number = self.sent
        self.sent += 1
        tenant = number % self.tenants
        body = (
            f'{{"Domain":"Fulfillment","OrderId":"v{number}t{tenant}-01","State":"handling",'
            f'"LastState":"ready-for-handling","LastChange":"2026-11-20T11:00:00.1234567Z",'
            f'"CurrentChange":"2026-11-20T12:00:00.1234567Z","Origin":{{"Account":"t{tenant}","Key":"k"}}}}'
        )
        return (
            f"POST /cdp/hook/t{tenant} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"X-CDP-Hook-Secret: secret-{tenant}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def send(self, due: float) -> None:
        reader, writer = await self.idle.get()
        writer.write(self.request())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        self.latencies.append(time.perf_counter() - due)
        self.accepted += head.startswith(b"HTTP/1.1 200 ")
        self.idle.put_nowait((reader, writer))


async def main(address: str, rate: int, seconds: int, tenants: int) -> None:
    """Run the load; print JSON."""
    load = Load(address, tenants)
    await load.connect()
    await load.send(time.perf_counter())  # the first request builds the app and reads the tenants
    load.latencies.clear()
    began = time.perf_counter()
    if rate:
        tasks = []
        for number in range(rate * seconds):
            due = began + number / rate
            if (wait := due - time.perf_counter()) > 0.001:
                await asyncio.sleep(wait)
            tasks.append(asyncio.ensure_future(load.send(due)))
        await asyncio.gather(*tasks)
    else:

        async def again_and_again() -> None:
            while time.perf_counter() < began + seconds:
                await load.send(time.perf_counter())

        await asyncio.gather(*(again_and_again() for _ in range(CONNECTIONS)))
    taken = time.perf_counter() - began
    times = sorted(1000 * latency for latency in load.latencies)
    print(
        json.dumps(
            {
                "seconds": taken,
                "sent": load.sent,
                "accepted": load.accepted,
                "rate": len(times) / taken,
                "median": times[len(times) // 2],
                "p99": times[int(len(times) * 0.99)],
                "most": times[-1],
            }
        )
    )


uvloop.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
