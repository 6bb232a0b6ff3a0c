"""Orders Feed v3: the queue of one app key."""

from __future__ import annotations

import base64
from random import Random
from typing import Any

import msgspec

from vtex_sandbox.changes import Change, Watch
from vtex_sandbox.clock import SECOND, change_date
from vtex_sandbox.filters import Filter, Sieve
from vtex_sandbox.store import Store

SHORTEST_RETENTION, LONGEST_RETENTION = 345_600, 1_209_600
MOST_DELIVERIES = 100
LARGEST_LOT = 10
HANDLE_BYTES = 780


class BadConfiguration(ValueError):
    """A configuration VTEX answers with 400."""


class Message:
    """A change in the queue. ``handle`` is the latest delivery's, empty before the first."""

    __slots__ = ("change", "deliveries", "event_id", "handle", "sent_at", "visible_at")

    def __init__(self, change: Change, event_id: str, sent_at: int) -> None:
        self.change, self.event_id, self.sent_at = change, event_id, sent_at
        self.visible_at, self.deliveries, self.handle = sent_at, 0, ""


class Feed:
    """A configured feed."""

    def __init__(self, store: Store, key: str, seed: int, at: int) -> None:
        self._store, self._key = store, key
        self._rng = Random(f"{seed}:{store.name}:{key}")
        self._watch = Watch(store, at)
        self._sieve = Sieve(store)
        self._last_event = at
        self.messages: list[Message] = []
        self.committed = self.dropped = 0

    def configure(self, body: bytes) -> None:
        """Take a configuration; messages in the queue stay. :raises BadConfiguration, FilterConflict: as VTEX does."""
        try:
            wish = msgspec.json.decode(body, type=dict[str, Any])
            queue = {name.lower(): value for name, value in (wish.get("queue") or {}).items()}
            visibility = int(queue.get("visibilitytimeoutinseconds", 240))
            retention = int(queue.get("messageretentionperiodinseconds", SHORTEST_RETENTION))
            rule = Filter.read(wish.get("filter"))
        except (msgspec.MsgspecError, TypeError, AttributeError) as error:
            raise BadConfiguration(str(error)) from None
        if not SHORTEST_RETENTION <= retention <= LONGEST_RETENTION:
            raise BadConfiguration("MessageRetentionPeriodInSeconds must be between 345600 and 1209600")
        if not 0 < visibility <= 43_200:
            raise BadConfiguration("visibilityTimeoutInSeconds must be between 1 and 43200")
        self.filter, self._visibility, self._retention = rule, visibility, retention

    def configuration(self, now: int) -> dict[str, Any]:
        """Return the configuration as VTEX shows it."""
        oldest = min((message.sent_at for message in self.messages), default=now)
        return {
            "filter": self.filter.shown(),
            "queue": {
                "visibilityTimeoutInSeconds": self._visibility,
                "messageRetentionPeriodInSeconds": self._retention,
            },
            "quantity": len(self.messages),
            "approximateAgeOfOldestMessageInSeconds": (now - oldest) / SECOND,
        }

    def look(self, now: int) -> bool:
        """Enqueue new changes; return False once the feed was idle for so long that VTEX removes it."""
        for change in self._watch.new(now):
            self.enqueue(change, now)
        kept = [message for message in self.messages if message.sent_at > now - self._retention * SECOND]
        self.dropped += len(self.messages) - len(kept)
        self.messages = kept
        return now - self._last_event <= self._retention * SECOND

    def enqueue(self, change: Change, now: int, *, duplicates: float | None = None) -> int:
        """Put a change into the queue if it passes the filter; return the number of messages made."""
        if not self._sieve.lets_through(self.filter, change, now):
            return 0
        share = self._store.account.feed_duplicates if duplicates is None else duplicates
        event_id = f"{self._rng.getrandbits(128):032X}"
        # No later than now: the sandbox may be asked only later about a time that has passed.
        sent_at = min(now, max(change.at, self._last_event))
        made = 1 + (self._rng.random() < share)
        self.messages += [Message(change, event_id, sent_at) for _ in range(made)]
        self._last_event = max(self._last_event, sent_at)
        return made

    def receive(self, lot: int, now: int) -> list[dict[str, Any]]:
        """Return some of the visible messages, in no order; sometimes fewer than there are."""
        visible = [message for message in self.messages if message.visible_at <= now]
        count = min(lot, LARGEST_LOT, len(visible))
        if count and self._rng.random() < self._store.account.feed_short_polls:
            count = self._rng.randrange(count)
        picked = self._rng.sample(visible, count)
        worn = {id(message) for message in picked if message.deliveries >= MOST_DELIVERIES}
        if worn:
            self.messages = [message for message in self.messages if id(message) not in worn]
            self.dropped += len(worn)
        return [self._deliver(message, now) for message in picked if id(message) not in worn]

    def _deliver(self, message: Message, now: int) -> dict[str, Any]:
        message.deliveries += 1
        message.visible_at = now + self._visibility * SECOND
        message.handle = self._handle(message.change.order_id)
        change = message.change
        return {
            "eventId": message.event_id,
            "handle": message.handle,
            "domain": change.domain,
            "state": change.state,
            "lastState": change.last_state,
            "orderId": change.order_id,
            "lastChange": change_date(change.since),
            "currentChange": change_date(change.at),
        }

    def _handle(self, order_id: str) -> str:
        claims = {"AppKey": self._key, "OrderId": order_id, "Handle": self._rng.randbytes(HANDLE_BYTES // 2).hex()}
        parts = (b'{"alg":"HS256","typ":"JWT"}', msgspec.json.encode(claims), self._rng.randbytes(32))
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)

    def commit(self, handles: list[str]) -> None:
        """Remove delivered messages; a handle that is unknown or of an earlier delivery does nothing."""
        current = set(handles)
        kept = [message for message in self.messages if not message.handle or message.handle not in current]
        self.committed += len(self.messages) - len(kept)
        self.messages = kept
