"""The request log, so that tests can count requests and their rate."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import Any

KEPT = 200_000


class Journal:
    """The latest requests, and counts of all requests since it was last cleared."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Clear the log and the counts."""
        self._entries: deque[tuple[float, str, str, str, str, int]] = deque(maxlen=KEPT)
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def note(self, account: str, route: str, path: str, query: str, status: int) -> None:
        """Log a request and its answer."""
        self._entries.append((time.time(), account, route, path, query, status))
        self._counts[account, route, status] += 1

    def entries(self, account: str = "", route: str = "") -> list[dict[str, Any]]:
        """Return the requests, oldest first."""
        names = ("time", "account", "route", "path", "query", "status")
        return [
            dict(zip(names, entry, strict=True))
            for entry in self._entries
            if account in ("", entry[1]) and route in ("", entry[2])
        ]

    def summary(self, account: str = "") -> dict[str, Any]:
        """Return counts by route and by status, and the peak and mean requests a second of those kept."""
        counts = {key: count for key, count in self._counts.items() if account in ("", key[0])}
        routes: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for (_, route, status), count in counts.items():
            routes[route] += count
            statuses[str(status)] += count
        times = [entry[0] for entry in self._entries if account in ("", entry[1])]
        seconds = Counter(int(moment) for moment in times)
        span = times[-1] - times[0] if len(times) > 1 else 0.0
        return {
            "requests": sum(counts.values()),
            "routes": routes,
            "statuses": statuses,
            "per_second_most": max(seconds.values(), default=0),
            "per_second_mean": round((len(times) - 1) / span, 2) if span else None,
        }
