"""Connections to the endpoint on its own: bounded before anybody is authenticated, in number, size and time."""

from __future__ import annotations

import asyncio
from collections import Counter
from ipaddress import IPv6Address, IPv6Network, ip_address
from itertools import chain
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cdp_sync.web.refusal_log import Refusals

LARGEST_HEAD = 16 * 1024
"""Most bytes of a request's line and headers, and of what follows a chunked body; VTEX sends about 600."""
REQUEST_SECONDS = 5.0
"""Seconds in which a request must be complete, headers and body; VTEX gives up after as many."""
ANSWER_SECONDS = 30.0
"""Seconds in which the answer must be complete; only who does not read it takes longer."""
MOST_CONNECTIONS = 900
"""Most open connections; systems commonly allow a process 1,024 open files."""

State = Literal["request", "answer", "idle", "closed"]


class Connections:
    """
    Open connections of a server.

    If there are too many, the one that has waited longest for a request is closed for the new one, so that who opens
    many and sends nothing shuts nobody out, not even others at the same address.

    :param per_address: most of one address; 0 for no limit.
    """

    def __init__(self, per_address: int) -> None:
        self._per_address = per_address
        self._open: Counter[str] = Counter()
        self._unfinished: dict[BoundedProtocol, None] = {}
        self._idle: dict[BoundedProtocol, None] = {}

    def admit(self, connection: BoundedProtocol) -> bool:
        """Count a connection, unless there are too many and each is at work."""
        if 0 < self._per_address <= self._open[connection.address] and not self._make_room(connection.address):
            return False
        if self._open.total() >= MOST_CONNECTIONS and not self._make_room(None):
            return False
        self._open[connection.address] += 1
        return True

    def note(self, connection: BoundedProtocol, state: State) -> None:
        """Note what a connection does now."""
        self._unfinished.pop(connection, None)
        self._idle.pop(connection, None)
        if state == "request":
            self._unfinished[connection] = None
        elif state == "idle":
            self._idle[connection] = None

    def leave(self, connection: BoundedProtocol) -> None:
        """Count one connection less."""
        self._unfinished.pop(connection, None)
        self._idle.pop(connection, None)
        self._open[connection.address] -= 1
        if not self._open[connection.address]:
            del self._open[connection.address]

    def _make_room(self, address: str | None) -> bool:
        for connection in chain(self._unfinished, self._idle):
            if address in (None, connection.address):
                connection.close_for(503)
                return True
        return False


def counted_as(host: str) -> str:
    """Return the address whose connections count together: of IPv6 the network, since everybody has a whole one."""
    address = ip_address(host.partition("%")[0])
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))


class BoundedProtocol(HttpToolsProtocol):
    """
    HTTP connection that is closed if it breaks a bound.

    httptools takes a header, or what surrounds a chunked body, without end; h11 would not, but costs two thirds more
    CPU per request. Neither knows a time for requests, nor a bound on requests sent ahead of their answers.

    :ivar address: what it counts as.
    """

    def __init__(self, *args: Any, open_ones: Connections, refusals: Refusals, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open_ones, self._refusals = open_ones, refusals
        self.address = ""
        self._state: State = "closed"
        self._deadline: asyncio.TimerHandle | None = None
        self._around_bodies = 0
        self._in_request = False
        self._unanswered = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many."""
        super().connection_made(transport)
        self.address = counted_as(self.client[0]) if self.client else ""
        if self._open_ones.admit(self):
            self._enter("request")
        else:
            self._refusals.note("unknown tenant", 503)
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._leave()
        super().connection_lost(exc)

    def close_for(self, status: int) -> None:
        """Close it at once, without an answer. :param status: counted in the log."""
        self._leave()
        self._refusals.note("unknown tenant", status)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came; what is no body counts until its request is complete."""
        self._around_bodies += len(data)
        super().data_received(data)
        if self._state == "idle":
            self._enter("request")
        if self._around_bodies > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("Too much around the body.")

    def on_message_begin(self) -> None:
        """Begin a request. :raises ValueError: if one waits already, which the parser takes for bad HTTP."""
        if self.pipeline:
            raise ValueError("too many requests sent ahead")
        self._in_request = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hand the request over; its body may still be to come."""
        super().on_headers_complete()
        self._unanswered += 1

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._around_bodies -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._around_bodies = 0
        self._in_request = False
        super().on_message_complete()
        if self._unanswered:
            self._enter("answer")

    def on_response_complete(self) -> None:
        """Wait for the next request; it may be here already, or its beginning."""
        self._unanswered -= 1
        self._enter("idle")
        super().on_response_complete()
        if self._unanswered:
            self._enter("answer")
        elif self._in_request:
            self._enter("request")

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too large, and close."""
        if self._unanswered:  # that answer is under way
            self.close_for(400)
        else:
            self._refusals.note("unknown tenant", 400)
            super().send_400_response(msg)

    def _enter(self, state: State) -> None:
        """Go on to a state, with its deadline; one that lasts keeps the deadline it has."""
        if state == self._state or self.transport.is_closing():
            return
        self._cancel()
        self._state = state
        self._open_ones.note(self, state)
        if state != "idle":  # for that, uvicorn has a time
            seconds = REQUEST_SECONDS if state == "request" else ANSWER_SECONDS
            self._deadline = self.loop.call_later(seconds, self.close_for, 408)

    def _leave(self) -> None:
        self._cancel()
        if self._state != "closed":
            self._state = "closed"
            self._open_ones.leave(self)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
