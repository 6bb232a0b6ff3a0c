"""Requests that were refused, counted for the log: one line each would let anyone fill a disk."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

log = logging.getLogger(__name__)
QUIET_SECONDS = 10.0


class Refusals:
    """Writes the first refusal at once, those that follow every ``QUIET_SECONDS`` at most, as counts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: Counter[tuple[str, int]] = Counter()
        self._quiet_until = float("-inf")

    def note(self, tenant: str, status: int) -> None:
        """Count one. :param tenant: a slug of ours, never what the request called itself."""
        self._counts[tenant, status] += 1
        if self._clock() >= self._quiet_until:
            self._quiet_until = self._clock() + QUIET_SECONDS
            counts = (f"{tenant} HTTP {status}: {count}" for (tenant, status), count in sorted(self._counts.items()))
            log.warning("Hook requests refused since the last such line: %s", ", ".join(counts))
            self._counts.clear()
