"""Limits from which a shop's orders give a model of its own: those Klaviyo publishes for its predictions."""

from __future__ import annotations

from typing import NamedTuple

from cdp_sync.intelligence.histories import Histories

BUYERS = 500
SPAN_DAYS = 180
RECENT_DAYS = 30
REPEATS = 2
"""Orders after the first that some customers must have."""


class Refusal(NamedTuple):
    """Reason for no model: an outcome of ``cdp.clv_models``, and a sentence."""

    outcome: str
    sentence: str


def refusal(customers: Histories) -> Refusal | None:
    """Return why these customers give no model; None if they may."""
    buyers = len(customers)
    if not buyers:
        return Refusal("no_orders", "There are no customers with revenue orders.")
    span, silence = int(customers.age.max()), int(customers.silence.min())
    if buyers == 1:
        return Refusal("one_customer", "All orders are one customer's.")
    if span - silence < 1:
        return Refusal("one_day", f"All orders of {buyers} customers are of one day.")
    if buyers < BUYERS:
        return Refusal("too_few_customers", f"{buyers} customers have ordered; a model needs {BUYERS}.")
    if span < SPAN_DAYS:
        return Refusal("too_short_history", f"The first order is {span} days old; a model needs {SPAN_DAYS} days.")
    if silence > RECENT_DAYS:
        return Refusal(
            "no_recent_order",
            f"The last order is {silence} days old; a model needs one of the last {RECENT_DAYS} days.",
        )
    if not (customers.repeats >= REPEATS).any():
        return Refusal("too_few_repeats", f"No customer has ordered on {REPEATS + 1} days; a model needs some.")
    return None
