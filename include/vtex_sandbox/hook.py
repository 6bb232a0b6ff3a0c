"""The Orders Hook of one app key: VTEX posts what changed."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import aiohttp
import msgspec

from vtex_sandbox.changes import Change, Watch
from vtex_sandbox.clock import DAY, SECOND, change_date
from vtex_sandbox.filters import Filter, Sieve
from vtex_sandbox.store import Store

DEADLINE = aiohttp.ClientTimeout(total=5.0)
FIRST_PAUSE, LONGEST_PAUSE = 1, 3600
MOST_TRIES = 100
LONGEST_RETRIED = 4 * DAY
IDLE = 3 * DAY
AT_ONCE = 16


class Delivery:
    """A notification to post, until it is acknowledged or dropped."""

    __slots__ = ("change", "due", "since", "tries")

    def __init__(self, change: Change, now: int) -> None:
        self.change, self.since, self.due, self.tries = change, now, now, 0


class Hook:
    """A configured hook."""

    def __init__(self, store: Store, key: str, wish: dict[str, Any], at: int) -> None:
        self._store, self._key = store, key
        hook = wish["hook"]
        self.url, self.headers = str(hook["url"]), {str(k): str(v) for k, v in (hook.get("headers") or {}).items()}
        self.filter = Filter.read(wish.get("filter"))
        self._watch = Watch(store, at)
        self._sieve = Sieve(store)
        self._last_event = at
        self._waiting: deque[Delivery] = deque()
        self.sent = self.acknowledged = self.dropped = 0

    def configuration(self) -> dict[str, Any]:
        """Return the configuration as VTEX shows it."""
        return {"filter": self.filter.shown(), "hook": {"url": self.url, "headers": self.headers}}

    def deliveries(self) -> dict[str, int]:
        """Return counts: sent, acknowledged, waiting (for a first or a further try), dropped."""
        return {
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "waiting": len(self._waiting),
            "dropped": self.dropped,
        }

    async def post(self, session: aiohttp.ClientSession, body: Any) -> bool:
        """Post a body; return whether the address answered 200 in time."""
        try:
            async with session.post(
                self.url, data=msgspec.json.encode(body), timeout=DEADLINE, allow_redirects=False,
                headers={"Content-Type": "application/json", **self.headers},
            ) as answer:  # fmt: skip
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False

    def look(self, now: int) -> bool:
        """Queue new changes; return False once the hook was idle for so long that VTEX removes it."""
        for change in self._watch.new(now):
            if self._sieve.lets_through(self.filter, change, now):
                self._waiting.append(Delivery(change, now))
                self._last_event = now
        return now - self._last_event <= IDLE

    async def deliver(self, session: aiohttp.ClientSession, now: int) -> None:
        """Post what is due, several at once; retry failures after growing pauses."""
        due = [delivery for delivery in self._waiting if delivery.due <= now][:AT_ONCE]
        answers = await asyncio.gather(*(self.post(session, self._body(delivery.change)) for delivery in due))
        for delivery, answered in zip(due, answers, strict=True):
            self.sent += 1
            delivery.tries += 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (delivery.tries - 1))
            delivery.due = now + pause * SECOND
            given_up = delivery.tries >= MOST_TRIES or delivery.due > delivery.since + LONGEST_RETRIED
            self.acknowledged += answered
            self.dropped += given_up and not answered
            if answered or given_up:
                self._waiting.remove(delivery)

    def _body(self, change: Change) -> dict[str, Any]:
        return {
            "Domain": change.domain,
            "OrderId": change.order_id,
            "State": change.state,
            "LastState": change.last_state,
            "LastChange": change_date(change.since),
            "CurrentChange": change_date(change.at),
            "Origin": {"Account": self._store.name, "Key": self._key},
        }
