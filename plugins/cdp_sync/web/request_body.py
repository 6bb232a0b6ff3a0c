"""Reading of a request's body, bounded in size and time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request

LARGEST_BODY = 16 * 1024
"""Most bytes of a body; a notification has about 400."""
READ_SECONDS = 3.0
"""Seconds to receive a body. VTEX sends it in one go; slower senders want to hold the connection."""


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
