"""Feeds and hooks of one account, at most one of each per app key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aiohttp
import msgspec

from vtex_sandbox.answers import Answer, json_error
from vtex_sandbox.feed import BadConfiguration, Feed
from vtex_sandbox.filters import FilterConflict
from vtex_sandbox.hook import Hook
from vtex_sandbox.scenario import Scenario
from vtex_sandbox.store import Store

DONE = Answer(200, b"")
NOT_FOUND = json_error(404, "NotFound", "Value not found")
PING = {"hookConfig": "ping"}


class Broadcasts:
    """Feeds and hooks by app key; answers their routes."""

    def __init__(self, store: Store, scenario: Scenario) -> None:
        self._store, self._scenario = store, scenario
        self.feeds: dict[str, Feed] = {}
        self.hooks: dict[str, Hook] = {}

    def answer(self, key: str, method: str, route: str, query: dict[str, str], body: bytes, now: int) -> Answer:
        """Answer a request made with a key."""
        self.look(now)
        if route == "hook_config":
            return self._hook_config(key, method, body, now)
        feed = self.feeds.get(key)
        if route == "feed_config" and method == "POST":
            return self._configure_feed(key, feed, body, now)
        if feed is None:
            return NOT_FOUND
        if route == "feed":
            if not query.get("maxlot", "").isdigit():
                return json_error(400, "BadRequest", "maxlot is required")
            return _json(feed.receive(int(query["maxlot"]), now))
        if route == "commit":
            return self._commit(feed, body)
        if method == "DELETE":
            del self.feeds[key]
            return DONE
        return _json(feed.configuration(now))

    def look(self, now: int) -> None:
        """Update feeds and hooks with new changes, and remove those that were idle for too long."""
        for known in (self.feeds, self.hooks):
            for key in [key for key, reader in known.items() if not reader.look(now)]:
                del known[key]

    def hooks_to_serve(self, now: int) -> Iterator[Hook]:
        """Yield the configured hooks, updated with the changes up to now."""
        if self.hooks:
            self.look(now)
        yield from self.hooks.values()

    def _configure_feed(self, key: str, feed: Feed | None, body: bytes, now: int) -> Answer:
        feed = feed or Feed(self._store, key, self._scenario.seed, now)
        try:
            feed.configure(body)
        except FilterConflict as conflict:
            return json_error(409, "Conflict", str(conflict))
        except BadConfiguration as bad:
            return json_error(400, "BadRequest", str(bad))
        self.feeds[key] = feed
        return DONE

    def _commit(self, feed: Feed, body: bytes) -> Answer:
        try:
            handles = msgspec.json.decode(body, type=dict[str, list[str]])["handles"]
        except (msgspec.MsgspecError, KeyError):
            return json_error(400, "BadRequest", "handles are required")
        feed.commit(handles)
        return DONE

    def _hook_config(self, key: str, method: str, body: bytes, now: int) -> Answer:
        if method == "POST":
            return self._configure_hook(key, body, now)
        if key not in self.hooks:
            return NOT_FOUND
        if method == "DELETE":
            del self.hooks[key]
            return DONE
        return _json(self.hooks[key].configuration())

    def _configure_hook(self, key: str, body: bytes, now: int) -> Answer:
        try:
            hook = Hook(self._store, key, msgspec.json.decode(body, type=dict[str, Any]), now)
        except FilterConflict as conflict:
            return json_error(409, "Conflict", str(conflict))
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as bad:
            return json_error(400, "BadRequest", str(bad))
        if self._scenario.hook_https_only and not hook.url.startswith("https://"):
            return json_error(400, "BadRequest", "Unable to check address / Only https scheme is accepted.")

        async def ping() -> Answer:
            async with aiohttp.ClientSession() as session:
                if not await hook.post(session, PING):
                    return json_error(400, "BadRequest", "Unable to check address")
            self.hooks[key] = hook
            return DONE

        return Answer(200, b"", later=ping)


def _json(value: Any) -> Answer:
    return Answer(200, msgspec.json.encode(value))
