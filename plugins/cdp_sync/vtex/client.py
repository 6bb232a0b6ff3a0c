"""Requests to one VTEX account: paced, bounded, retried if a retry can help."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from cdp_sync.vtex import lenient_json
from cdp_sync.vtex.errors import (
    VtexError,
    VtexForbidden,
    VtexNotFound,
    VtexRefused,
    VtexUnauthorized,
    VtexUnavailable,
    VtexUnreadable,
)
from cdp_sync.vtex.headers import retry_after, served_at
from cdp_sync.vtex.orders_api import NOTHING, PATHS, Filters, OrdersApi
from cdp_sync.vtex.pacing import Pace

MAX_BODY_BYTES = 16 * 2**20
"""Largest answer read. Orders and list pages are far smaller; more would exhaust the worker's memory."""
ATTEMPTS = 6
MAX_UNAUTHORIZED = 5
MAX_UNAUTHORIZED_AT_FIRST = 3
"""VTEX sometimes answers 401 to a valid key; to a wrong key it does so from the first request, every time."""
MAX_THROTTLES = 20
BACKOFF_SECONDS = 0.5
BACKOFF_LIMIT_SECONDS = 30.0

Decoded = TypeVar("Decoded")


class Document(NamedTuple):
    """Order as served: its body as received, and the time by VTEX's clock."""

    body: bytes
    served_at: datetime


class VtexClient:
    """
    Client of one account, for the length of one task.

    :param session: carries the account's headers; its timeout bounds each request.
    :param base_url: scheme, host and, for a sandbox, the account's path.
    :param orders: form of the Orders API that the account takes.
    :param tenant: slug, for messages.
    :param conn_id: Airflow connection, for messages.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        orders: OrdersApi,
        pace: Pace,
        tenant: str,
        conn_id: str,
    ) -> None:
        self._session = session
        self.orders = orders
        self._base_url = base_url.rstrip("/")
        self.pace = pace
        self.tenant = tenant
        self._conn_id = conn_id
        self._unauthorized = 0
        self._answered = False
        self.requests = 0

    async def order(self, order_id: str) -> Document:
        """
        Return the full document of an order.

        :raises VtexNotFound: if VTEX does not know the order.
        :raises VtexError: for any other failure that retries did not resolve.
        """
        body, served_at = await self.ask(decode=_well_formed, **self.orders.document(order_id)._asdict())
        return Document(body, served_at)

    async def list_page(self, filters: Filters, decode: Callable[[bytes], Decoded]) -> Decoded:
        """
        Return one page of the order list.

        :param decode: reads the body; ``msgspec.DecodeError`` from it counts as an unreadable answer.
        """
        try:
            page, _ = await self.ask(decode=decode, **self.orders.page(filters)._asdict())
        except VtexNotFound as unknown:
            raise VtexRefused(
                f"there is no such account as the host of connection {self._conn_id}{self.orders.or_else}",
                tenant=self.tenant,
                path=self.orders.list_path,
                status=unknown.status,
                remedy="correct it, then clear this task",
            ) from None
        return page

    async def ask(
        self,
        path: str,
        decode: Callable[[bytes], Decoded],
        *,
        method: str = "GET",
        query: Mapping[str, str] = NOTHING,
        body: Any = None,
    ) -> tuple[Decoded, datetime]:
        """
        Send an idempotent request, with retries.

        :param decode: reads the answer; ``msgspec.DecodeError`` from it counts as an unreadable answer.
        :param body: sent as JSON.
        :return: the decoded answer, and the time it was served, by VTEX's clock.
        :raises VtexNotFound: for 404 and 410.
        :raises VtexError: for any other failure that retries did not resolve.
        """
        url = URL(self._base_url + path + (f"?{urlencode(query)}" if query else ""), encoded=True)
        data = None if body is None else msgspec.json.encode(body)
        failure: VtexError | None = None
        attempt = throttles = 0
        while attempt < ATTEMPTS:
            if failure:
                await asyncio.sleep(_backoff(attempt))
            await self.pace.turn()
            self.requests += 1
            try:
                async with self._session.request(
                    method, url, data=data, allow_redirects=False, middlewares=(_sent_once,)
                ) as response:
                    if response.status == 200:
                        received = await self._body(response, path)
                        decoded = decode(received)
                        self._answered, self._unauthorized = True, 0
                        return decoded, served_at(response.headers.get("Date"))
                    if response.status == 429 and throttles < MAX_THROTTLES:
                        throttles += 1
                        self.pace.throttle(retry_after(response.headers.get("Retry-After")))
                        continue
                    failure = self._failure(response.status, path)
            except (msgspec.DecodeError, UnicodeDecodeError):
                reason = "the answer is not complete JSON"
                failure = VtexUnreadable(reason, tenant=self.tenant, path=path, status=200, body=received)
            except (TimeoutError, aiohttp.ClientError) as error:
                reason = f"{self._conn_id} cannot reach VTEX, {type(error).__name__}"
                failure = VtexUnavailable(reason, tenant=self.tenant, path=path)
            attempt += 1
            if not self._worth_retrying(failure):
                raise failure
        assert failure is not None
        raise failure

    async def _body(self, response: aiohttp.ClientResponse, path: str) -> bytes:
        if response.content_length is not None:
            if response.content_length <= MAX_BODY_BYTES:
                return await response.read()
        else:
            chunks, size = [], 0
            async for chunk in response.content.iter_any():
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    break
                chunks.append(chunk)
            else:
                return b"".join(chunks)
        response.close()  # else leaving the block would read the rest to reuse the socket
        reason = f"the answer is larger than {MAX_BODY_BYTES // 2**20} MB"
        raise VtexUnreadable(reason, tenant=self.tenant, path=path, status=200)

    def _failure(self, status: int, path: str) -> VtexError:
        where: dict[str, Any] = {"tenant": self.tenant, "path": path, "status": status}
        if status == 401:
            self._unauthorized += 1
            what = f"VTEX does not accept the key in connection {self._conn_id}"
            return VtexUnauthorized(what, **where, remedy="correct its login and password, then clear this task")
        if status == 403:
            role, remedy = "Feed v3 and Hook Admin", "grant it in VTEX; the next run uses it"
            if path.startswith(PATHS):
                role, remedy = "List Orders or View order", "grant both in VTEX, then clear this task"
            what = f"the key in connection {self._conn_id} lacks the role {role}"
            return VtexForbidden(what, **where, remedy=remedy)
        if status in (404, 410):
            return VtexNotFound("VTEX found nothing at this path", **where)
        if status == 429 or status >= 500:
            return VtexUnavailable("VTEX did not recover", **where)
        return VtexRefused("VTEX refused the request", **where)

    def _worth_retrying(self, failure: VtexError) -> bool:
        if isinstance(failure, VtexUnauthorized):
            return self._unauthorized < (MAX_UNAUTHORIZED if self._answered else MAX_UNAUTHORIZED_AT_FIRST)
        return not failure.permanent and not isinstance(failure, VtexNotFound)


async def _sent_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """
    Send a request once: its retries are ours, counted and paced.

    After a reset aiohttp sends an idempotent request again on its own, and has no public switch for that. It does
    so for the two errors below only, so they become another.
    """
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as reset:
        raise aiohttp.ClientConnectionError(type(reset).__name__) from reset


def _backoff(attempt: int) -> float:
    longest = min(BACKOFF_LIMIT_SECONDS, BACKOFF_SECONDS * 2.0 ** (attempt - 1))
    return longest * random.uniform(0.5, 1.5)  # noqa: S311


def _well_formed(body: bytes) -> bytes:
    lenient_json.decode(body, msgspec.Raw)
    return body
