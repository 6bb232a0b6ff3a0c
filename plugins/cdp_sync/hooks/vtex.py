"""Hook that opens a VTEX client from an Airflow connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from airflow.providers.http.hooks.http import HttpAsyncHook, SessionConfig
from airflow.sdk.exceptions import AirflowNotFoundException

from cdp_sync.hooks.connections import ConnectionUnreadable, confirm_missing
from cdp_sync.sync_types import SYNC_TYPES, SyncType
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexNotConfigured, VtexUnavailable
from cdp_sync.vtex.orders_api import OrdersApi, OrdinaryApi, ProtectedApi
from cdp_sync.vtex.pacing import FASTEST, SLOWEST, Pace, pace_within

DEFAULT_REQUESTS_PER_MINUTE = 6000
"""VTEX's limit for Get Order, per account."""
FEWEST_PER_MINUTE = 60 * SLOWEST / min(each.rate_share for each in SYNC_TYPES.values() if each.rate_share)
MOST_PER_MINUTE = 60 * FASTEST
"""Bounds of an account's limit: every sync type's share of it is within the bounds of a pace."""
REASON = "data_protection_reason"
"""Key of a connection's extra: the reason for reading personal data, for an account under Data Protection Plus."""
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)


class VtexHook(HttpAsyncHook):
    """
    Talk to the VTEX account of one tenant.

    The connection is of type ``http``: host = account name, or a URL; login = app key; password = app token.
    Its extra may set ``requests_per_minute``, the account's limit (6000 unless set), ``hook_secret``, which VTEX
    sends when it posts to us, and ``data_protection_reason``, for an account under Data Protection Plus, beside the
    HTTP provider's own options. As in that provider, any other key becomes a header.

    :param vtex_conn_id: connection of the tenant, ``vtex_<slug>``.
    :param tenant: slug, for messages.
    :ivar app_key, hook_secret, orders: set once ``config`` has run.
    """

    conn_name_attr = "vtex_conn_id"
    default_conn_name = "vtex_default"
    hook_name = "VTEX"

    def __init__(self, vtex_conn_id: str = default_conn_name, *, tenant: str) -> None:
        super().__init__(method="GET", http_conn_id=vtex_conn_id, auth_type=self._take_key)
        self.tenant = tenant
        self.requests_per_minute: float = DEFAULT_REQUESTS_PER_MINUTE
        self.app_key = self._app_token = ""
        self.hook_secret: str | None = None
        self.orders: OrdersApi = OrdinaryApi()

    def _take_key(self, login: str, password: str | None) -> None:
        """Keep the key: the provider hands it to its type of authentication, of which VTEX needs none."""
        self.app_key, self._app_token = login, password or ""

    async def config(self) -> SessionConfig:
        """Return the connection's settings, with VTEX's two headers instead of Basic authentication."""
        if self._config is None:
            try:
                stock = await super().config()
            except AirflowNotFoundException:
                await self._confirm_missing()
                raise self._not_configured("does not exist; create it, see docs/tenants.md") from None
            headers: dict[str, Any] = dict(stock.headers or {})
            given = headers.pop("requests_per_minute", DEFAULT_REQUESTS_PER_MINUTE)
            try:
                self.requests_per_minute = pace_within(given, least=FEWEST_PER_MINUTE, most=MOST_PER_MINUTE)
            except ValueError as bad:
                raise self._not_configured(f"has a wrong requests_per_minute in its extra: {bad}") from None
            self.hook_secret = headers.pop("hook_secret", None)
            if REASON in headers:
                try:
                    self.orders = ProtectedApi(headers.pop(REASON))
                except ValueError as bad:
                    raise self._not_configured(f"has a wrong {REASON} in its extra: {bad}") from None
            if not self.app_key:
                raise self._not_configured("has no app key: set its login and password")
            headers |= {
                "X-VTEX-API-AppKey": self.app_key,
                "X-VTEX-API-AppToken": self._app_token,
                "Accept": "application/json",
                "Content-Type": "application/json",
            }
            self._config = SessionConfig(
                base_url=_account_url(stock.base_url), headers=headers, extra_options=stock.extra_options
            )
        return self._config

    async def _confirm_missing(self) -> None:
        try:
            await asyncio.to_thread(confirm_missing, self.http_conn_id)
        except ConnectionUnreadable as outage:
            raise VtexUnavailable(str(outage), tenant=self.tenant) from outage

    def _not_configured(self, what: str) -> VtexNotConfigured:
        return VtexNotConfigured(f"connection {self.http_conn_id} {what}", tenant=self.tenant)

    @asynccontextmanager
    async def client(
        self, *, sync_type: SyncType, concurrency: int, requests_per_second: float | None = None
    ) -> AsyncIterator[VtexClient]:
        """
        Open a client for the length of a task.

        :param sync_type: sets the share of the account's limit.
        :param concurrency: most open connections.
        :param requests_per_second: rate to use instead of the share.
        :raises VtexNotConfigured: if the tenant has no connection or key, or a rate is out of bounds.
        :raises VtexUnavailable: if Airflow cannot read the connection now.
        """
        config = await self.config()
        pace = self._pace(sync_type, requests_per_second)
        options = config.extra_options or {}
        async with aiohttp.ClientSession(
            headers=config.headers,
            connector=aiohttp.TCPConnector(limit=concurrency, ssl=bool(options.get("verify_ssl", True))),
            timeout=TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=options.get("proxy"),
            trust_env=bool(options.get("trust_env", False)),
        ) as session:
            yield VtexClient(
                session,
                base_url=config.base_url,
                orders=self.orders,
                pace=pace,
                tenant=self.tenant,
                conn_id=self.http_conn_id,
            )

    def _pace(self, sync_type: SyncType, requests_per_second: float | None) -> Pace:
        if requests_per_second is None:
            return Pace(self.requests_per_minute / 60 * sync_type.rate_share)
        try:
            return Pace(requests_per_second)
        except ValueError as bad:
            raise VtexNotConfigured(f"requests_per_second: {bad}", tenant=self.tenant) from None


def _account_url(base_url: str) -> str:
    """Return the account's real host: the HTTP provider reads a bare account name as ``http://petbaar``."""
    scheme, _, host = base_url.partition("://")
    bare = host.rstrip("/")
    if not set(bare) & set(".:/") and bare != "localhost":
        return f"https://{bare}.vtexcommercestable.com.br"
    if scheme == "http" and bare.endswith((".vtexcommercestable.com.br", ".myvtex.com")):
        return f"https://{host}"  # the HTTP provider's default scheme would send the token in the clear
    return base_url
