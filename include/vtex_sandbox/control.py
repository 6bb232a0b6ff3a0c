"""The control API, under ``/_sandbox``: clock, faults, log, documents, truth. See README.md."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from vtex_sandbox.answers import Answer, Request, json_error
from vtex_sandbox.api import Vtex, app_key
from vtex_sandbox.changes import changes_between
from vtex_sandbox.clock import detail_date, ticks
from vtex_sandbox.faults import Fault
from vtex_sandbox.scenario import Account

PREFIX = "/_sandbox/"


class Control:
    """Control API under ``/_sandbox``."""

    def __init__(self, vtex: Vtex) -> None:
        self._vtex = vtex

    def answer(self, request: Request) -> Answer:
        """Answer a request; 404 if there is no such thing, 400 if it cannot be read."""
        path, _, query = request.target.partition("?")
        parts = [unquote(part) for part in path.removeprefix(PREFIX).split("/")]
        name = "_".join([request.method.lower(), parts[0] if len(parts) == 1 else parts[-1]])
        action: Callable[[list[str], dict[str, str], bytes], Any] | None = getattr(self, f"_{name}", None)
        if action is None:
            return json_error(404, "sandbox", f"No {request.method} {path}")
        try:
            return Answer(200, msgspec.json.encode(action(parts, dict(parse_qsl(query)), request.body)))
        except (ValueError, KeyError, msgspec.MsgspecError) as error:
            return json_error(400, "sandbox", f"{type(error).__name__}: {error}")

    def _get_health(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        return {"status": "ok", "accounts": sorted(self._vtex.stores)}

    def _get_clock(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        return {"now": detail_date(self._vtex.clock.now())}

    def _post_clock(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``{"set": iso, "frozen": bool}``, ``{"advance": seconds}`` or ``{"release": true}``."""
        wish = msgspec.json.decode(body)
        if "set" in wish:
            self._vtex.clock.set(ticks(wish["set"]), frozen=wish.get("frozen", False))
        if "advance" in wish:
            self._vtex.clock.advance(wish["advance"])
        if wish.get("release"):
            self._vtex.clock.release()
        return self._get_clock(parts, query, body)

    def _get_faults(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        return self._vtex.faults.rules

    def _post_faults(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        self._vtex.faults.rules.append(msgspec.json.decode(body, type=Fault))
        return self._vtex.faults.rules

    def _delete_faults(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        self._vtex.faults.heal()
        return []

    def _get_log(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        return self._vtex.journal.entries(query.get("account", ""), query.get("route", ""))

    def _get_summary(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        return self._vtex.journal.summary(query.get("account", ""))

    def _delete_log(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        self._vtex.journal.clear()
        return {}

    def _post_latency(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        wish = msgspec.json.decode(body)
        self._vtex.scenario.latency_ms = float(wish["latency_ms"])
        self._vtex.scenario.jitter_ms = float(wish.get("jitter_ms", 0))
        return wish

    def _put_account(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``PUT /_sandbox/{account}/account``: open an account, or replace it."""
        self._vtex.add(parts[0], msgspec.json.decode(body, type=Account))
        return self._vtex.scenario.accounts[parts[0]]

    def _put_orders(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``PUT /_sandbox/{account}/orders?lag=seconds``: serve this document, byte for byte."""
        store = self._vtex.stores[parts[0]]
        return {"orderId": store.put(body, self._vtex.clock.now(), float(query.get("lag", 0)))}

    def _post_alter(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``POST /_sandbox/{account}/alter``: ``{"orderId", "fields", "lag"}``; changes an order as of now."""
        wish, store = msgspec.json.decode(body), self._vtex.stores[parts[0]]
        found = store.alter(wish["orderId"], wish.get("fields", {}), self._vtex.clock.now(), wish.get("lag", 0.0))
        if not found:
            raise KeyError(wish["orderId"])
        return {"orderId": wish["orderId"]}

    def _post_hide(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``POST /_sandbox/{account}/hide``: ``{"orderId", "gone"}``; stops listing it, and serving it if gone."""
        wish = msgspec.json.decode(body)
        self._vtex.stores[parts[0]].hide(wish["orderId"], gone=bool(wish.get("gone")))
        return wish

    def _post_show(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``POST /_sandbox/{account}/show``: ``{"orderId"}``; undoes ``hide``."""
        wish = msgspec.json.decode(body)
        self._vtex.stores[parts[0]].show(wish["orderId"])
        return wish

    def _get_truth(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``GET /_sandbox/{account}/truth?start=&end=``: every order created in that time, as it is now."""
        store = self._vtex.stores[parts[0]]
        return list(store.truth(ticks(query["start"]), ticks(query["end"]), self._vtex.clock.now()))

    def _get_feed(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``GET /_sandbox/{account}/feed?key=``: the contents of a key's feed, null if there is none."""
        now = self._vtex.clock.now()
        self._vtex.broadcasts[parts[0]].look(now)
        feed = self._vtex.broadcasts[parts[0]].feeds.get(query.get("key") or app_key(parts[0]))
        return feed and {
            **feed.configuration(now),
            "messages": [
                [message.change.order_id, message.change.state, message.deliveries] for message in feed.messages
            ],
            "committed": feed.committed,
            "dropped": feed.dropped,
        }

    def _get_deliveries(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``GET /_sandbox/{account}/deliveries?key=``: counts of a key's hook, null if there is none."""
        hook = self._vtex.broadcasts[parts[0]].hooks.get(query.get("key") or app_key(parts[0]))
        return hook and hook.deliveries()

    def _get_changes(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``GET /_sandbox/{account}/changes?start=&end=``: changes of state of generated orders in ``(start, end]``."""
        store = self._vtex.stores[parts[0]]
        changes = changes_between(store, ticks(query["start"]), min(ticks(query["end"]), self._vtex.clock.now()))
        return [[change.order_id, change.state, detail_date(change.at)] for change in changes if change.is_status]

    def _post_replay(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``POST /_sandbox/{account}/replay``: ``{"start", "end", "duplicates", "most"}``; into the feed again."""
        wish, now = msgspec.json.decode(body), self._vtex.clock.now()
        feed = self._vtex.broadcasts[parts[0]].feeds[app_key(parts[0])]
        changes = changes_between(self._vtex.stores[parts[0]], ticks(wish["start"]), ticks(wish["end"]))
        messages, enqueued = 0, []
        for change in islice((change for change in changes if change.is_status), wish.get("most")):
            if made := feed.enqueue(change, now, duplicates=wish.get("duplicates", 0.0)):
                messages += made
                enqueued.append(change.order_id)
        return {"changes": len(enqueued), "orders": len(set(enqueued)), "messages": messages}

    def _post_warm(self, parts: list[str], query: dict[str, str], body: bytes) -> Any:
        """``POST /_sandbox/{account}/warm?start=&end=``: render ahead."""
        store = self._vtex.stores[parts[0]]
        return {"orders": store.warm(ticks(query["start"]), ticks(query["end"]), self._vtex.clock.now())}
