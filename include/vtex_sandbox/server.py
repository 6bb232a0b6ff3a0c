"""HTTP/1.1 on a socket: small, so that a benchmark measures the client, not the server."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import deque
from collections.abc import Awaitable
from typing import cast

import aiohttp
import httptools

from vtex_sandbox.answers import Answer, Request
from vtex_sandbox.api import Vtex
from vtex_sandbox.clock import http_date
from vtex_sandbox.control import PREFIX, Control
from vtex_sandbox.scenario import Scenario

BETWEEN_DELIVERIES = 0.1
PHRASES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           409: "Conflict", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
           504: "Gateway Timeout"}  # fmt: skip


class Connection(asyncio.Protocol):
    """One client connection; answers requests in turn, pipelined or not."""

    def __init__(self, vtex: Vtex, control: Control) -> None:
        self._vtex, self._control = vtex, control
        self._waiting: deque[Request] = deque()
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._address = str((transport.get_extra_info("peername") or ("",))[0])
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    # Called by httptools

    def on_message_begin(self) -> None:
        self._headers: dict[str, str] = {}
        self._body = b""

    def on_url(self, url: bytes) -> None:
        self._target = url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        self._waiting.append(Request(method, self._target, self._headers, self._body, self._address))
        if not self._busy:
            self._next()

    # Answering

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if not self._busy:
            return
        request = self._waiting.popleft()
        if request.target.startswith(PREFIX):
            self._send(self._control.answer(request))
            return
        answer = self._vtex.answer(request)
        if answer.later:
            self._pending = asyncio.ensure_future(self._send_later(answer.later()))
            return
        scenario = self._vtex.scenario
        seconds = scenario.latency_ms / 1000 + answer.seconds
        if scenario.jitter_ms:
            seconds += random.uniform(0, scenario.jitter_ms) / 1000
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._send, answer)
        else:
            self._send(answer)

    async def _send_later(self, answer: Awaitable[Answer]) -> None:
        self._send(await answer)

    def _send(self, answer: Answer) -> None:
        if self._transport.is_closing():
            return
        if answer.reset:
            self._reset()
            return
        extra = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        head = (
            f"HTTP/1.1 {answer.status} {PHRASES.get(answer.status, '')}\r\n"
            f"Date: {http_date(self._vtex.clock.now())}\r\n"
            f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n{extra}\r\n"
        ).encode()
        if answer.cut:
            self._transport.write(head + answer.body[: len(answer.body) // 2])
            self._transport.close()
            return
        self._transport.write(head + answer.body)
        self._next()

    def _reset(self) -> None:
        found: socket.socket | None = self._transport.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


async def serve(scenario: Scenario, host: str, port: int) -> asyncio.Server:
    """Start the server. :raises OSError: if the port is taken."""
    vtex = Vtex(scenario)
    control = Control(vtex)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(vtex, control), host, port)
    vtex.delivering = asyncio.ensure_future(deliver(vtex))
    return server


async def deliver(vtex: Vtex) -> None:
    """Post changes to the hooks, until cancelled."""
    async with aiohttp.ClientSession() as session:
        while True:
            now = vtex.clock.now()
            hooks = [hook for account in list(vtex.broadcasts.values()) for hook in account.hooks_to_serve(now)]
            await asyncio.gather(*(hook.deliver(session, now) for hook in hooks))
            await asyncio.sleep(BETWEEN_DELIVERIES)
