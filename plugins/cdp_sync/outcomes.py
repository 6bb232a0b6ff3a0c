"""Outcome of a run in one sentence, made of what its tasks report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

OUTCOME = "outcome"
"""XCom of each merge: numbers of orders, by ``KINDS``, and of them ``MASKED``; of their documents' ``NEW_FIELDS``."""
SKIPPED_BECAUSE = "skipped_because"
"""XCom of each task that is skipped: the reason."""
SAID = "said"
"""XCom of a last task: what its run did, in one sentence."""
KINDS = ("new", "changed", "unchanged", "rejected")
MASKED, NEW_FIELDS = "masked", "new_fields"
REASONS = 3
"""Most reasons to tell; the others are counted."""


def sentence(outcomes: Collection[Mapping[str, int]], reasons: Collection[str]) -> str:
    """
    Return what a run did, ``62 new, 3 changed, 790 unchanged, 0 rejected``; empty if nothing was reported.

    :param outcomes: one for each window that was merged.
    :param reasons: ``<slug>: <why>`` for each window that was skipped, named if no window was merged: first those
        that concern the fewest shops.
    """
    if outcomes:
        total = Counter[str]()
        for outcome in outcomes:
            total.update(outcome)
        said = [", ".join(f"{total[kind]} {kind}" for kind in KINDS)]
        if total[MASKED]:
            said.append(f"VTEX masked who bought in {total[MASKED]}: see data_protection_reason in docs/tenants.md")
        if total[NEW_FIELDS]:
            said.append(f"{total[NEW_FIELDS]} new fields in documents: see cdp.unread_fields")
        return "; ".join(said)
    skipped = defaultdict(set)
    for reason in reasons:
        who, _, why = reason.partition(": ")
        skipped[why].add(who)
    ranked = sorted(skipped.items(), key=lambda item: len(item[1]))
    said = [f"{min(who) if len(who) == 1 else f'{len(who)} shops'}: {why}" for why, who in ranked[:REASONS]]
    more = [f"{len(ranked) - REASONS} more reasons"] if len(ranked) > REASONS else []
    return f"Skipped: {'; '.join(said + more)}" if said else ""
