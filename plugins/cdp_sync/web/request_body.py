"""Reading of a request's body, bounded in size and time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 16 * 1024
"""Most bytes of a body; a notification has about 400."""
READ_SECONDS = 3.0
"""Seconds to receive a body. VTEX sends it in one go; slower senders want to hold the connection."""
LARGEST_REST = 256 * 1024
REST_SECONDS = 0.5
"""Bounds of a refused body that is still read, so that its sender sees the answer rather than a reset."""


class BodyTooLarge(Exception):
    """The body has, or announces, more than ``LARGEST_BODY`` bytes."""


class BodyTooSlow(Exception):
    """The body did not arrive within ``READ_SECONDS``, or the sender went away."""


async def read_body(request: Request) -> bytes:
    """Read the body. :raises BodyTooLarge, BodyTooSlow: as soon as it exceeds a limit."""
    with suppress(ValueError):
        if int(request.headers.get("Content-Length", "0")) > LARGEST_BODY:
            raise BodyTooLarge
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise BodyTooLarge
    except (TimeoutError, ClientDisconnect):
        raise BodyTooSlow from None
    return bytes(body)


class WholeBody:
    """
    ASGI app around another that reads what the other left of a body, or closes the connection if that is too much.

    Else the server would go on reading a body without end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = {name for name, _ in scope.get("headers", ())}
        unread = bool(names & {b"content-length", b"transfer-encoding"})

        async def receive_part() -> Message:
            nonlocal unread
            message = await receive()
            unread = bool(message.get("more_body", False))
            return message

        async def read_rest() -> None:
            size = 0
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_SECONDS):
                    while unread and size <= LARGEST_REST:
                        size += len((await receive_part()).get("body", b""))

        async def send_part(message: Message) -> None:
            if message["type"] == "http.response.start" and unread:
                await read_rest()
                if unread:
                    message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        await self._app(scope, receive_part, send_part)
