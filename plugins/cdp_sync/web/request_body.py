"""A request's body, of bounded size and in bounded time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request

LARGEST_BODY = 16 * 1024
"""Bytes; a notification has about 400."""
READ_SECONDS = 3.0
"""VTEX sends it in one go; longer than this sends only who wants to hold the connection."""


class BodyTooLarge(Exception):
    """It has more than ``LARGEST_BODY`` bytes, or says so."""


class BodyTooSlow(Exception):
    """It did not come within ``READ_SECONDS``."""


async def read_body(request: Request) -> bytes:
    """:raises BodyTooLarge, BodyTooSlow: before it holds more than it should."""
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
