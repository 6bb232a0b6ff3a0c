"""Where VTEX posts what changed: an ASGI app, in Airflow's API server or on its own."""

from __future__ import annotations

from typing import Literal

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cdp_sync.vtex.feed import HOOK_HEADER
from cdp_sync.vtex.notifications import BadNotification, HookBody, Notification, read_notification
from cdp_sync.web.authentication import Sender, Senders, SendersUnknown
from cdp_sync.web.inbox_writer import Busy, InboxWriter, TooMany
from cdp_sync.web.refusal_log import Refusals
from cdp_sync.web.request_body import LARGEST_BODY, BodyTooLarge, BodyTooSlow, read_body

RETRY = {"Retry-After": "1"}


class Refused(Exception):
    """A request that writes nothing. :ivar status: HTTP status."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.headers = status, headers


class Ping(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What VTEX posts to see whether the hook it was just given answers."""

    hook_config: Literal["ping"]


class HookEndpoint:
    """Receives notifications; 200 means that one is committed in ``cdp.order_notifications``."""

    def __init__(self, senders: Senders, inbox: InboxWriter) -> None:
        self._senders, self._inbox, self._refusals = senders, inbox, Refusals()

    async def receive(self, request: Request) -> Response:
        """``POST /{slug}``: 200, or a refusal (400, 401, 403, 408, 413, 429, 503) that wrote nothing."""
        slug = request.path_params["slug"]
        try:
            await self._receive(slug, request)
        except Refused as refused:
            self._refusals.note(self._senders.name(slug), refused.status)
            return PlainTextResponse(str(refused), refused.status, refused.headers)
        return PlainTextResponse("")

    async def _receive(self, slug: str, request: Request) -> None:
        body = await _body(request)  # whoever sent it: what is refused below has cost the same, and tells nothing
        ping, shown = _is_ping(body), request.headers.get(HOOK_HEADER)
        if ping and shown is None:
            return  # VTEX need not send the configured headers with it
        try:
            sender = await self._senders.authenticate(slug, shown or "")
        except SendersUnknown:
            raise Refused(503, "the warehouse does not answer", RETRY) from None
        if sender is None:
            raise Refused(401, "not authenticated")
        if not ping:
            await self._store(sender, _notification(body, sender))

    async def _store(self, sender: Sender, notification: Notification) -> None:
        try:
            await self._inbox.write(sender.tenant_id, notification)
        except TooMany:
            raise Refused(429, "too many notifications of this tenant are waiting", RETRY) from None
        except Busy:
            raise Refused(503, "the warehouse does not keep up", RETRY) from None

    async def health(self, request: Request) -> Response:
        """``GET /health``: 503 while the warehouse takes nothing."""
        answers = await self._inbox.healthy()
        return PlainTextResponse("" if answers else "the warehouse takes nothing", 200 if answers else 503)


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request)
    except BodyTooLarge:
        raise Refused(413, f"more than {LARGEST_BODY} bytes") from None
    except BodyTooSlow:
        # Closed, else what is missing would still be waited for.
        raise Refused(408, "the body did not come", {"Connection": "close"}) from None


def _is_ping(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=Ping)
    except (ValueError, RecursionError):
        return False
    return True


def _notification(body: bytes, sender: Sender) -> Notification:
    try:
        told = msgspec.json.decode(body, type=HookBody)
        notification = read_notification(told)
    except BadNotification as bad:
        raise Refused(400, f"this is no notification: {bad}") from None
    except (ValueError, RecursionError):  # also bytes that are no UTF-8, and brackets within brackets
        raise Refused(400, "this is no notification") from None
    if told.origin.account.lower() != sender.account:
        raise Refused(403, "Origin.Account is not this tenant's")
    return notification


def build_app(senders: Senders | None = None, inbox: InboxWriter | None = None) -> Starlette:
    """The app, to be mounted at ``/cdp/hook``; its first request starts what it needs, so that no lifespan has to."""
    endpoint = HookEndpoint(senders or Senders(), inbox or InboxWriter())
    return Starlette(
        routes=[
            Route("/health", endpoint.health, methods=["GET"]),
            Route("/{slug}", endpoint.receive, methods=["POST"]),
        ]
    )
