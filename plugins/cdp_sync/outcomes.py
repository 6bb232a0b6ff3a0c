"""Outcome of a run in one sentence, made of what its tasks report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

OUTCOME = "outcome"
"""XCom of each merge: numbers of orders, by ``KINDS``."""
SKIPPED_BECAUSE = "skipped_because"
"""XCom of each task that is skipped: the reason."""
KINDS = ("new", "changed", "unchanged", "rejected")
REASONS = 3
"""Most reasons to name; the others are counted."""


def sentence(outcomes: Collection[Mapping[str, int]], reasons: Collection[str]) -> str:
    """
    Return what a run did, ``62 new, 3 changed, 790 unchanged, 0 rejected``; empty if nothing was reported.

    :param outcomes: one for each window that was merged.
    :param reasons: one for each window that was skipped; named if no window was merged.
    """
    if outcomes:
        total = Counter[str]()
        for outcome in outcomes:
            total.update(outcome)
        return ", ".join(f"{total[kind]} {kind}" for kind in KINDS)
    named = list(dict.fromkeys(reasons))
    more = [f"{len(named) - REASONS} more"] if len(named) > REASONS else []
    return "; ".join(["Skipped: " + named[0], *named[1:REASONS], *more]) if named else ""
