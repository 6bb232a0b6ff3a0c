"""Where VTEX posts what changed: an ASGI app, in Airflow's API server or on its own."""

from __future__ import annotations

import asyncio
import logging

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from cdp_sync.notifications import HookBody, Notification, read_notification
from cdp_sync.vtex.feed import HOOK_HEADER
from cdp_sync.web.inbox_writer import Busy, InboxWriter, TooMany
from cdp_sync.web.senders import Sender, Senders, SendersUnknown

log = logging.getLogger(__name__)
LARGEST_BODY = 16 * 1024
"""A notification has about 400 bytes."""
READ_SECONDS = 3.0
RETRY = {"Retry-After": "1"}


class Refused(Exception):
    """A request that writes nothing. :ivar status: HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class HookEndpoint:
    """Receives notifications; 200 means that one is committed in ``cdp.order_notifications``."""

    def __init__(self, senders: Senders, inbox: InboxWriter) -> None:
        self._senders, self._inbox = senders, inbox

    async def receive(self, request: Request) -> Response:
        """``POST /{slug}``."""
        slug = request.path_params["slug"]
        try:
            await self._receive(slug, request)
        except Refused as refused:
            return Response(str(refused), refused.status)
        except TooMany:
            return Response("too many notifications of this tenant are waiting", 429, RETRY)
        except (Busy, SendersUnknown):
            return Response("the warehouse does not keep up", 503, RETRY)
        return Response()

    async def _receive(self, slug: str, request: Request) -> None:
        secret = request.headers.get(HOOK_HEADER)
        # VTEX need not send the configured headers with its ping; anything else without them is refused below.
        sender = None if secret is None else await self._senders.authenticate(slug, secret)
        if secret is not None and sender is None:
            raise Refused(401, "not authenticated")
        body = await _body(request)
        if _is_ping(body):
            return
        if sender is None:
            raise Refused(401, "not authenticated")
        try:
            await self._inbox.write(sender.tenant_id, _notification(body, sender))
        except Refused as refused:
            log.warning("%s: a notification was refused: %s", slug, refused)
            raise

    async def health(self, request: Request) -> Response:
        """``GET /health``: 503 while the warehouse takes nothing."""
        return Response(
            "ok" if self._inbox.healthy else "the warehouse takes nothing", 200 if self._inbox.healthy else 503
        )


def _notification(body: bytes, sender: Sender) -> Notification:
    try:
        told = msgspec.json.decode(body, type=HookBody)
        notification = read_notification(told)
    except (msgspec.DecodeError, ValueError) as bad:
        raise Refused(400, f"this is no notification: {bad}") from None
    if told.origin.account.lower() != sender.account:
        raise Refused(403, "Origin.Account is another tenant's")
    return notification


def _is_ping(body: bytes) -> bool:
    try:
        return bool(msgspec.json.decode(body) == {"hookConfig": "ping"})
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


async def _body(request: Request) -> bytes:
    too_large = Refused(413, f"more than {LARGEST_BODY} bytes")
    announced = request.headers.get("Content-Length", "0")
    if not announced.isdigit() or int(announced) > LARGEST_BODY:
        raise too_large
    chunks, size = [], 0
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_BODY:
                    raise too_large
                chunks.append(chunk)
    except (TimeoutError, ClientDisconnect):
        raise Refused(408, "the body did not come") from None
    return b"".join(chunks)


def build_app(senders: Senders | None = None, inbox: InboxWriter | None = None) -> Starlette:
    """The app, to be mounted at ``/cdp/hook``."""
    endpoint = HookEndpoint(senders or Senders(), inbox or InboxWriter())
    return Starlette(
        routes=[
            Route("/health", endpoint.health, methods=["GET"]),
            Route("/{slug}", endpoint.receive, methods=["POST"]),
        ]
    )
