"""Endpoint to which VTEX posts changes: an ASGI app, in Airflow's API server or on its own."""

from __future__ import annotations

from typing import Literal

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cdp_sync.settings import hook_rate
from cdp_sync.vtex.feed import HOOK_HEADER
from cdp_sync.vtex.notifications import BadNotification, HookBody, Notification, read_notification
from cdp_sync.web.authentication import Sender, Senders, SendersUnknown
from cdp_sync.web.inbox_writer import Busy, InboxWriter, TooMany
from cdp_sync.web.refusal_log import Refusals
from cdp_sync.web.request_body import LARGEST_BODY, BodyTooLarge, BodyTooSlow, WholeBody, read_body
from cdp_sync.web.tenant_rate import TenantRate

RETRY = {"Retry-After": "1"}
LARGEST_HEADERS = 16 * 1024
"""Most bytes of a request's headers; VTEX sends about 500. Some servers have read more by then."""


class Refused(Exception):
    """Request that is refused and writes nothing. :ivar status: HTTP status."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.headers = status, headers


class Ping(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Body that VTEX posts to test a newly configured hook."""

    hook_config: Literal["ping"]


class HookEndpoint:
    """Receiver of notifications; 200 means that one is committed in ``cdp.order_notifications``."""

    def __init__(self, senders: Senders, inbox: InboxWriter, rate: TenantRate) -> None:
        self._senders, self._inbox, self._rate, self._refusals = senders, inbox, rate, Refusals()

    async def receive(self, request: Request) -> Response:
        """Answer ``POST /{slug}``: 200, or a refusal (400, 401, 403, 408, 413, 429, 431, 503) that wrote nothing."""
        slug = request.path_params["slug"]
        try:
            await self._receive(slug, request)
        except Refused as refused:
            self._refusals.note(self._senders.name(slug), refused.status)
            return PlainTextResponse(str(refused), refused.status, refused.headers)
        return PlainTextResponse("")

    async def _receive(self, slug: str, request: Request) -> None:
        if sum(len(name) + len(value) for name, value in request.headers.raw) > LARGEST_HEADERS:
            raise Refused(431, f"more than {LARGEST_HEADERS} bytes of headers")
        body = await _body(request)  # before authentication, so that the time of a refusal reveals nothing
        ping, shown = _is_ping(body), request.headers.get(HOOK_HEADER)
        if ping and shown is None:
            return  # VTEX may send a ping without the configured headers
        try:
            sender = await self._senders.authenticate(slug, shown or "")
        except SendersUnknown:
            raise Refused(503, "who may post cannot be read now", RETRY) from None
        if sender is None:
            raise Refused(401, "not authenticated")
        if not ping:
            if not self._rate.admit(sender.tenant_id):
                raise Refused(429, "too many notifications of this tenant per second", RETRY)
            await self._store(sender, _notification(body, sender))

    async def _store(self, sender: Sender, notification: Notification) -> None:
        try:
            await self._inbox.write(sender.tenant_id, notification)
        except TooMany:
            raise Refused(429, "too many notifications of this tenant are waiting", RETRY) from None
        except Busy:
            raise Refused(503, "the warehouse does not keep up", RETRY) from None

    async def health(self, request: Request) -> Response:
        """Answer ``GET /health``: 200, or 503 while the warehouse stores nothing."""
        answers = await self._inbox.healthy()
        return PlainTextResponse("" if answers else "the warehouse takes nothing", 200 if answers else 503)


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request)
    except BodyTooLarge:
        raise Refused(413, f"more than {LARGEST_BODY} bytes") from None
    except BodyTooSlow:
        raise Refused(408, "the body did not come") from None


def _is_ping(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=Ping)
    except (ValueError, RecursionError):
        return False
    return True


def _notification(body: bytes, sender: Sender) -> Notification:
    try:
        received = msgspec.json.decode(body, type=HookBody)
        notification = read_notification(received)
    except BadNotification as bad:
        raise Refused(400, f"this is no notification: {bad}") from None
    except (ValueError, RecursionError):  # also bytes that are not UTF-8, and deep nesting
        raise Refused(400, "this is no notification") from None
    if received.origin.account.lower() != sender.account:
        raise Refused(403, "Origin.Account is not this tenant's")
    return notification


def build_app(senders: Senders | None = None, inbox: InboxWriter | None = None) -> Starlette:
    """Build the app to mount at ``/cdp/hook``. It needs no lifespan: its first request starts the writer."""
    endpoint = HookEndpoint(senders or Senders(), inbox or InboxWriter(), TenantRate(hook_rate()))
    return Starlette(
        middleware=[Middleware(WholeBody)],
        routes=[
            Route("/health", endpoint.health, methods=["GET"]),
            Route("/{slug}", endpoint.receive, methods=["POST"]),
        ],
    )
