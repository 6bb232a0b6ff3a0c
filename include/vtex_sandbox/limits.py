"""Limits on requests per second, for an account or an address."""

from __future__ import annotations

import time


class Limit:
    """A token bucket: ``rate`` requests a second, ``burst`` of them at once. Uses real time, since load is real."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._tokens, self._at = float(burst), time.monotonic()

    def allow(self) -> bool:
        """Take a token, if there is one."""
        if not self._rate:
            return True
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
