"""Log of refused requests, as counts: one line each would let anyone fill the disk."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

log = logging.getLogger(__name__)
QUIET_SECONDS = 10.0


class Refusals:
    """Log that writes the first refusal at once, later ones as counts every ``QUIET_SECONDS`` at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: Counter[tuple[str, int]] = Counter()
        self._quiet_until = float("-inf")

    def note(self, tenant: str, status: int) -> None:
        """Count a refusal. :param tenant: a slug of ours, never the request's own text."""
        self._counts[tenant, status] += 1
        if self._clock() >= self._quiet_until:
            self._quiet_until = self._clock() + QUIET_SECONDS
            counts = (f"{tenant} HTTP {status}: {count}" for (tenant, status), count in sorted(self._counts.items()))
            log.warning("Hook requests refused since the last such line: %s", ", ".join(counts))
            self._counts.clear()
