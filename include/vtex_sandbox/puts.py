"""What the control API did to orders."""

from __future__ import annotations

from typing import Any, NamedTuple


class Put:
    """A document put through the control API: its versions, and when the list shows each."""

    def __init__(self) -> None:
        self.versions: list[tuple[int, int, bytes, dict[str, Any]]] = []  # (at, listed at, body, document)

    def latest(self, at: int) -> tuple[bytes, dict[str, Any]] | None:
        """The version the detail shows."""
        return next(((body, doc) for since, _, body, doc in reversed(self.versions) if since <= at), None)

    def listed(self, at: int) -> dict[str, Any] | None:
        """The version the list shows."""
        return next((doc for _, since, _, doc in reversed(self.versions) if since <= at), None)


class Told(NamedTuple):
    """A change made through the control API: states before and after, and since when the former one stood (ticks)."""

    order_id: str
    state: str
    last_state: str
    since: int
    at: int
