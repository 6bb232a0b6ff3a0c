"""The moment at which a test takes place: said by the test, never read from the machine's clock."""

import os
from datetime import datetime, timedelta

from vtex_sandbox.testing import Sandbox

MOMENT = datetime.fromisoformat(os.environ.get("CDP_TEST_MOMENT") or "2026-11-20T12:00:00+00:00")
"""Where every test begins that names no moment of its own."""
TODAY = MOMENT.replace(hour=0, minute=0, second=0, microsecond=0)
"""Its midnight, UTC."""
HOURS = [f"2026-11-24T{hour:02d}:33:07+00:00" for hour in range(0, 24, 3)]
EDGES = {
    "before midnight in Argentina": "2026-11-24T02:59:59+00:00",
    "midnight in Argentina": "2026-11-24T03:00:00+00:00",
    "after midnight in Argentina": "2026-11-24T03:00:01+00:00",
    "before midnight in UTC": "2026-11-24T23:59:59+00:00",
    "midnight in UTC": "2026-11-25T00:00:00+00:00",
    "Sunday's refresh": "2026-11-29T05:00:00+00:00",
    "the month's end in Argentina": "2026-12-01T02:58:30+00:00",
    "the year's end in UTC": "2026-12-31T23:59:30+00:00",
    "the leap day's end in Argentina": "2028-03-01T02:59:59+00:00",
}


def seeds():
    """Return the seeds of a test of chaos, each with its moment, for ``pytest.fixture``; both are part of its name."""
    asked_for = os.environ.get("CDP_TEST_MOMENT")
    moments = [asked_for] if asked_for else [HOURS[-1], *reversed(EDGES.values())]
    numbers = map(int, os.environ.get("CDP_TEST_SEEDS", "2,3").split(","))
    pairs = [(number, moments[(number - 1) % len(moments)]) for number in numbers]
    return {"params": pairs, "ids": ["-".join(map(str, pair)) for pair in pairs]}


class Present:
    """The package's present; it stands still until the test moves it."""

    def __init__(self):
        self.at = MOMENT

    def now(self):
        return self.at


class ClockedSandbox(Sandbox):
    """A sandbox with the package's present: whoever sets or moves one clock, sets or moves the other."""

    def __init__(self, base_url, present):
        super().__init__(base_url)
        self._present = present

    @property
    def now(self):
        return self._present.at

    def freeze(self, moment):
        super().freeze(moment)
        self._present.at = datetime.fromisoformat(moment)

    def advance(self, seconds):
        super().advance(seconds)
        self._present.at += timedelta(seconds=seconds)


if __name__ == "__main__":
    print(*HOURS, *EDGES.values(), sep="\n")
