"""Orders Feed v3 and the Orders Hook, by which VTEX reports changed orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexNotFound
from cdp_sync.vtex.notifications import FeedItem

HOOK_HEADER = "X-CDP-Hook-Secret"
"""Header with which VTEX authenticates when it posts to us."""
FEED = "/api/orders/feed"
FEED_CONFIG = "/api/orders/feed/config"
HOOK_CONFIG = "/api/orders/hook/config"
LOT = 10
"""Most items per receive and per commit."""
VISIBILITY_SECONDS = 600
"""Time a received item stays hidden: longer than the time from its receipt to its commit."""
RETENTION_SECONDS = 14 * 86_400
"""Longest time VTEX keeps an item, and an idle feed."""
STATUSES = (
    "order-created", "on-order-completed", "on-order-completed-ffm", "payment-pending",
    "waiting-for-order-authorization", "approve-payment", "payment-approved", "payment-denied", "request-cancel",
    "waiting-for-seller-decision", "waiting-ffmt-authorization", "waiting-for-authorization",
    "waiting-for-manual-authorization", "authorize-fulfillment", "order-create-error", "order-creation-error",
    "window-to-cancel", "window-to-change-seller", "waiting-for-mkt-authorization", "waiting-seller-handling",
    "ready-for-handling", "start-handling", "handling", "invoice-after-cancellation-deny", "order-accepted", "invoice",
    "invoiced", "replaced", "cancellation-requested", "cancel", "canceled",
)  # fmt: skip
"""Every status in VTEX's documentation. The feed accepts any text here, and reports nothing for a misspelt one."""
EVERY_STATUS = {"type": "FromWorkflow", "status": list(STATUSES)}
# FromOrders would report changes within a status too, but is known to skip some.


class FeedConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """
    Configuration of a feed, and the state of its queue.

    :param statuses: sorted.
    :param quantity: items in the queue, including hidden ones.
    :param oldest_seconds: age of the oldest item.
    """

    type: str
    statuses: tuple[str, ...]
    expression: str | None
    visibility: int
    retention: int
    quantity: int = 0
    oldest_seconds: float = 0.0

    def identity(self) -> dict[str, Any]:
        """Return the settings that distinguish one configuration from another, as JSON values."""
        return {
            "type": self.type,
            "statuses": list(self.statuses),
            "expression": self.expression,
            "visibility": self.visibility,
            "retention": self.retention,
        }


OURS = FeedConfiguration(
    type="FromWorkflow",
    statuses=tuple(sorted(STATUSES)),
    expression=None,
    visibility=VISIBILITY_SECONDS,
    retention=RETENTION_SECONDS,
)


class HookConfiguration(msgspec.Struct, frozen=True):
    """Address a hook posts to, and the headers it sends; ``headers`` hold a secret."""

    url: str
    headers: dict[str, str]


class OrderFeed:
    """Feed of one app key. All users of the key share one queue, and commit for each other."""

    def __init__(self, client: VtexClient) -> None:
        self._client = client

    async def configuration(self) -> tuple[FeedConfiguration, datetime] | None:
        """Return the configuration, if any, and VTEX's time. :raises VtexForbidden: if the key lacks the role."""
        try:
            return await self._client.ask(FEED_CONFIG, _read_configuration)
        except VtexNotFound:
            return None

    async def configure(self) -> datetime:
        """Create the feed, or change it to ours: every status, the longest retention. Return VTEX's time."""
        body = {
            "filter": EVERY_STATUS,
            "queue": {
                "visibilityTimeoutInSeconds": VISIBILITY_SECONDS,
                "MessageRetentionPeriodInSeconds": RETENTION_SECONDS,
            },
        }
        _, served_at = await self._client.ask(FEED_CONFIG, _ignore, method="POST", body=body)
        return served_at

    async def delete(self) -> None:
        """Delete the configuration, and with it the items in the queue."""
        await _delete(self._client, FEED_CONFIG)

    async def receive(self) -> list[FeedItem]:
        """
        Return at most ten items. An empty answer does not prove an empty queue.

        :raises VtexNotFound: if the feed is not configured.
        """
        items, _ = await self._client.ask(FEED, _read_items, query={"maxlot": str(LOT)})
        return items

    async def commit(self, handles: Sequence[str]) -> None:
        """Take at most ten items off the queue for good; handles that expired do no harm."""
        await self._client.ask(FEED, _ignore, method="POST", body={"handles": list(handles)})


class OrderHook:
    """Hook of one app key."""

    def __init__(self, client: VtexClient) -> None:
        self._client = client

    async def configuration(self) -> HookConfiguration | None:
        """Return the configuration; None if there is none."""
        try:
            found, _ = await self._client.ask(HOOK_CONFIG, _read_hook)
        except VtexNotFound:
            return None
        return found

    async def configure(self, wanted: HookConfiguration) -> None:
        """
        Create or change the hook; VTEX pings the address first.

        :raises VtexRefused: if the address does not answer the ping with 200, or is not https.
        """
        body = {"filter": EVERY_STATUS, "hook": {"url": wanted.url, "headers": wanted.headers}}
        await self._client.ask(HOOK_CONFIG, _ignore, method="POST", body=body)

    async def delete(self) -> None:
        """Delete the configuration."""
        await _delete(self._client, HOOK_CONFIG)


async def _delete(client: VtexClient, path: str) -> None:
    try:
        await client.ask(path, _ignore, method="DELETE")
    except VtexNotFound:
        return


def _ignore(body: bytes) -> None:
    return None


def _read_items(body: bytes) -> list[FeedItem]:
    return msgspec.json.decode(body, type=list[FeedItem])


def _read_hook(body: bytes) -> HookConfiguration:
    hook = msgspec.json.decode(body, type=dict[str, Any]).get("hook") or {}
    return HookConfiguration(str(hook.get("url") or ""), dict(hook.get("headers") or {}))


def _read_configuration(body: bytes) -> FeedConfiguration:
    found = msgspec.json.decode(body, type=dict[str, Any])
    # VTEX's documentation varies the capitals of these names, and misspells one.
    queue = {name.lower(): value for name, value in (found.get("queue") or {}).items()}
    measures = {name.lower(): value for name, value in found.items()}
    rule = found.get("filter") or {}
    age = measures.get("approximateageofoldestmessageinseconds", measures.get("aproximateageofoldestmessageinseconds"))
    return FeedConfiguration(
        type=str(rule.get("type") or ""),
        statuses=tuple(sorted(rule.get("status") or ())),
        expression=rule.get("expression") or None,
        visibility=int(queue.get("visibilitytimeoutinseconds") or 0),
        retention=int(queue.get("messageretentionperiodinseconds") or 0),
        quantity=int(measures.get("quantity") or 0),
        oldest_seconds=float(age or 0.0),
    )
