"""Bound on the notifications of each tenant."""

from __future__ import annotations

import time
from collections.abc import Callable


class TenantRate:
    """Most notifications of a tenant per second; a second's worth may come at once."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock = 1 / per_second, clock
        self._at_once = max(1.0, self._gap) + 1e-6
        self._spent_until: dict[int, float] = {}

    def admit(self, tenant_id: int) -> bool:
        """Count a notification, unless the tenant has had its share."""
        now = self._clock()
        spent = max(self._spent_until.get(tenant_id, now), now) + self._gap
        if spent - now > self._at_once:
            return False
        self._spent_until[tenant_id] = spent
        return True
