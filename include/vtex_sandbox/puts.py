"""Orders put or changed through the control API."""

from __future__ import annotations

from typing import Any, NamedTuple


class Put:
    """A document put through the control API: its versions, and the time from which the list shows each."""

    def __init__(self) -> None:
        self.versions: list[tuple[int, int, bytes, dict[str, Any]]] = []  # (at, listed at, body, document)

    def latest(self, at: int) -> tuple[bytes, dict[str, Any]] | None:
        """Return the version the detail shows."""
        return next(((body, doc) for since, _, body, doc in reversed(self.versions) if since <= at), None)

    def listed(self, at: int) -> dict[str, Any] | None:
        """Return the version the list shows."""
        return next((doc for _, since, _, doc in reversed(self.versions) if since <= at), None)


class Altered(NamedTuple):
    """A change made through the control API: states before and after; ``since`` is the start of the former (ticks)."""

    order_id: str
    state: str
    last_state: str
    since: int
    at: int
