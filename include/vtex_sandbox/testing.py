"""A sandbox for tests: a process of its own, and a client for its control API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import msgspec

from vtex_sandbox.api import app_key, app_token
from vtex_sandbox.scenario import Scenario


class Sandbox:
    """A running sandbox."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def account_url(self, account: str) -> str:
        """Return the host for a connection."""
        return f"{self.base_url}/{account}"

    def credentials(self, account: str) -> tuple[str, str]:
        """Return the app key and app token of an account."""
        return app_key(account), app_token(account)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call the control API; ``body`` is JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        url = f"{self.base_url}/_sandbox/{quote(path)}" + (f"?{urlencode(query)}" if query else "")
        with urlopen(Request(url, data=data, method=method), timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def fault(self, fault: str, **rule: Any) -> None:
        """Add a rule, see ``faults.Fault``."""
        self.call("POST", "faults", {"fault": fault, **rule})

    def heal(self) -> None:
        """Remove all rules."""
        self.call("DELETE", "faults")

    def freeze(self, moment: str) -> None:
        """Set the clock and stop it."""
        self.call("POST", "clock", {"set": moment, "frozen": True})

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.call("POST", "clock", {"advance": seconds})

    def open(self, account: str, **settings: Any) -> None:
        """Open an account, see ``scenario.Account``."""
        self.call("PUT", f"{account}/account", settings)

    def put(self, account: str, document: Any, lag: float = 0.0) -> None:
        """Serve a document; bytes as they are."""
        self.call("PUT", f"{account}/orders", document, lag=lag)

    def alter(self, account: str, order_id: str, lag: float = 0.0, **fields: Any) -> None:
        """Change fields of an order; its lastChange is now."""
        self.call("POST", f"{account}/alter", {"orderId": order_id, "fields": fields, "lag": lag})

    def hide(self, account: str, order_id: str, *, gone: bool = False) -> None:
        """Stop listing an order, and serving it too if ``gone``."""
        self.call("POST", f"{account}/hide", {"orderId": order_id, "gone": gone})

    def show(self, account: str, order_id: str) -> None:
        """Undo :meth:`hide`."""
        self.call("POST", f"{account}/show", {"orderId": order_id})

    def feed(self, account: str, key: str = "") -> dict[str, Any] | None:
        """Return the contents of a key's feed; the first key's by default."""
        found: dict[str, Any] | None = self.call("GET", f"{account}/feed", key=key)
        return found

    def deliveries(self, account: str) -> dict[str, int] | None:
        """Return the counts of the hook."""
        found: dict[str, int] | None = self.call("GET", f"{account}/deliveries")
        return found

    def changes(self, account: str, start: str, end: str) -> set[tuple[str, str, str]]:
        """Return the changes of state in that time: order, new state, time."""
        return {tuple(change) for change in self.call("GET", f"{account}/changes", start=start, end=end)}

    def replay(self, account: str, start: str, end: str, **options: Any) -> dict[str, int]:
        """Put the changes of that time into the feed again; ``duplicates`` is a share, ``most`` a number."""
        return dict(self.call("POST", f"{account}/replay", {"start": start, "end": end, **options}))

    def truth(self, account: str, start: str, end: str) -> dict[str, dict[str, Any]]:
        """Return the orders created in that time, as they are now, by id."""
        return {order["orderId"]: order for order in self.call("GET", f"{account}/truth", start=start, end=end)}

    def summary(self, account: str = "") -> dict[str, Any]:
        """Return the counts of requests."""
        return dict(self.call("GET", "summary", account=account))

    def log(self, account: str = "", route: str = "") -> list[dict[str, Any]]:
        """Return the requests, oldest first."""
        return list(self.call("GET", "log", account=account, route=route))

    def clear_log(self) -> None:
        """Clear the log."""
        self.call("DELETE", "log")


@contextmanager
def running_sandbox(scenario: Scenario | None = None) -> Iterator[Sandbox]:
    """Run a sandbox in its own process, on a free port, during a ``with`` block."""
    include = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.json"
        file.write_bytes(msgspec.json.encode(scenario or Scenario()))
        with subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "vtex_sandbox", "--port", "0", "--scenario", str(file)],
            env={**os.environ, "PYTHONPATH": str(include)},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                if not line:
                    raise RuntimeError("the sandbox did not start")
                yield Sandbox(line.split(",")[0].split()[-1])
            finally:
                process.terminate()
