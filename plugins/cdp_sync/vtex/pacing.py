"""Pace of a task's requests to one VTEX account."""

from __future__ import annotations

import asyncio
import math
import reprlib
from typing import Any

SLOWEST, FASTEST = 0.1, 10_000
"""Bounds of a pace in requests per second: slower never ends, faster is no pace."""
PAUSE_WITHOUT_RETRY_AFTER = 60.0
"""Seconds to pause after a 429 without Retry-After, as VTEX asks."""
CATCH_UP_TURNS = 2
CATCH_UP_SECONDS = 0.005
"""Missed time that a fast pace may catch up: an event loop wakes up a millisecond late, which is many of its turns."""
SLOWEST_AFTER_429 = 0.5
RECOVERY_SECONDS = 30.0
RECOVERY_SHARE = 0.1


def pace_within(given: Any, *, least: float = SLOWEST, most: float = FASTEST) -> float:
    """Return a pace that was given as a number or a text. :raises ValueError: if it is none, or out of bounds."""
    try:
        pace = float(given)
    except (TypeError, ValueError, OverflowError):
        pace = math.nan
    if not least <= pace <= most:  # nor is NaN
        raise ValueError(f"{reprlib.repr(given)} is not a number from {least:.7g} to {most:.7g}")
    return pace


class Pace:
    """
    Evenly spaced turns, shared by all workers of a task.

    Turns are a fixed time apart: a token bucket would save up turns, spend them in a burst and hit the account's limit.

    :param requests_per_second: turns per second, within the bounds.
    """

    def __init__(self, requests_per_second: float) -> None:
        self.rate = self.full_rate = self._whole_rate = pace_within(requests_per_second)
        self.throttled = 0
        self._queue = asyncio.Lock()  # first come, first served
        self._next_turn = 0.0
        self._paused_until = 0.0
        self._recover_at = 0.0

    async def turn(self) -> None:
        """Wait for this request's turn."""
        loop = asyncio.get_running_loop()
        async with self._queue:
            while (wait := max(self._next_turn, self._paused_until) - loop.time()) > 0:
                await asyncio.sleep(wait)
            self._recover(loop.time())
            # Measured from the turn's own time, so that late wake-ups cost nothing. Turns missed in a stall are lost,
            # else they would all be taken at once.
            gap = 1 / self.rate
            self._next_turn = max(self._next_turn, loop.time() - max(CATCH_UP_TURNS * gap, CATCH_UP_SECONDS)) + gap

    def divide(self, among: int) -> None:
        """Set the rate to this task's part of the whole. :param among: tasks that share it, this one included."""
        part = self._whole_rate / among
        if part != self.full_rate:
            self.rate *= part / self.full_rate
            self.full_rate = part

    def throttle(self, retry_after: float | None) -> None:
        """
        Pause the whole task and halve its rate, as VTEX asks after a 429.

        Answers to requests already under way when the pause began do not halve it again.

        :param retry_after: seconds from the answer's header; None if it has none.
        """
        self.throttled += 1
        now = asyncio.get_running_loop().time()
        pause = PAUSE_WITHOUT_RETRY_AFTER if retry_after is None else retry_after
        already_paused = now < self._paused_until
        self._paused_until = max(self._paused_until, now + pause)
        self._recover_at = self._paused_until + RECOVERY_SECONDS
        self._next_turn = self._paused_until
        if not already_paused:
            self.rate = max(self.rate / 2, min(self.rate, SLOWEST_AFTER_429))

    def _recover(self, now: float) -> None:
        if self.rate < self.full_rate and now >= self._recover_at:
            self.rate = min(self.full_rate, self.rate + RECOVERY_SHARE * self.full_rate)
            self._recover_at = now + RECOVERY_SECONDS
