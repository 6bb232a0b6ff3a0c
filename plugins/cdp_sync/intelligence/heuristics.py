"""
Two rules of thumb that the model has to beat: hiatus-and-mean, and the multiplier formula.

Both are linear in time: five years are five times one year. They say nothing about when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from cdp_sync.intelligence.fitting import Numbers
from cdp_sync.intelligence.histories import DAYS, Histories

YEAR = 365.25 / DAYS
"""Weeks in a year."""
HIATUS = 90
"""Percentile of the intervals between orders after which a silent customer counts as lost."""
TREND = (0.5, 2.0)
"""Bounds of the trend: a quarter twice as good does not go on for years."""

MULTIPLIERS: dict[float, str] = {
    2.5: "555 554 544 545 454 455 445",
    2.0: "543 444 435 355 354 345 344 335",
    1.8: "512 511 422 421 412 411 311",
    1.5: "521 522 523 524 525",
    0.8: "331 321 231 241 251 155 154 144 214 215 115 114 233 234 243 244",
    0.2: "111 112 121 122",
}
"""
Multiplier by RFM scores, recency first, 5 is best: Champions, Loyal Customers, Potential Loyalists, Recent Customers,
At Risk, Lost. Segments for which none is published have the nearest one's: Need Attention, About to Sleep and Can't
Lose Them that of At Risk, Hibernating that of Lost. Scores of no published segment count 1.
"""


class Habits(NamedTuple):
    """
    A shop, as the rules of thumb see it.

    :param intervals: percentiles, 0 to 100, of days between a customer's orders.
    :param trend: real revenue of the last 90 days over that of the 90 before, within bounds.
    :param recency_cuts: quintiles of days since the last order; ``frequency_cuts`` of orders, ``value_cuts`` of value.
    """

    intervals: Sequence[float]
    trend: float
    recency_cuts: Sequence[float]
    frequency_cuts: Sequence[float]
    value_cuts: Sequence[float]

    @property
    def hiatus_days(self) -> float:
        """Silence after which a customer counts as lost."""
        return max(float(self.intervals[HIATUS]), 1.0)


def habits_of(customers: Histories, *, intervals: Sequence[float], recent: float, earlier: float) -> Habits:
    """Return the habits of a shop, from its customers and a row of ``intelligence/clv/habits.sql``."""
    trend = recent / earlier if earlier > 0 else 1.0
    cuts = (_quintiles(values) for values in (customers.silence, customers.order_days, customers.real))
    return Habits(intervals, min(max(trend, TREND[0]), TREND[1]), *cuts)


def hiatus_orders(habits: Habits, customers: Histories, weeks: float) -> Numbers:
    """
    Return the orders of the next weeks: none after a hiatus, else as many as in equal time before.

    Wübben & v. Wangenheim, "Instant Customer Base Analysis: Managerial Heuristics Often Get It Right", Journal of
    Marketing 72 (2008). A customer is taken to have been observed for a hiatus at least: two orders in a first week do
    not make a hundred a year.
    """
    observed = np.maximum(customers.age, habits.hiatus_days) / DAYS
    return np.where(customers.silence <= habits.hiatus_days, customers.repeats / observed * weeks, 0.0)


def hiatus_value(habits: Habits, customers: Histories, weeks: float) -> Numbers:
    """Return the value of ``hiatus_orders``, at each customer's own mean; nothing if that is negative."""
    mean = np.maximum(customers.real, 0) / customers.order_days
    return np.asarray(hiatus_orders(habits, customers, weeks) * mean)


def multiplier_value(habits: Habits, customers: Histories, weeks: float) -> Numbers:
    """
    Return history * segment multiplier * trend * (1 - churn), for the next weeks.

    History is a year's: all of it over the years since the first order, at least one. Churn is the share of the shop's
    intervals between orders that are shorter than the customer's silence.
    """
    history = np.maximum(customers.real, 0) / np.maximum(customers.age / DAYS / YEAR, 1) * weeks / YEAR
    churn = np.searchsorted(habits.intervals, customers.silence, side="left") / len(habits.intervals)
    return np.asarray(history * segment_multiplier(habits, customers) * habits.trend * (1 - churn))


def segment_multiplier(habits: Habits, customers: Histories) -> Numbers:
    """Return each customer's multiplier. A score is one more than the quintiles passed, so equal values score alike."""
    recency = 5 - np.searchsorted(habits.recency_cuts, customers.silence, side="left")
    frequency = 1 + np.searchsorted(habits.frequency_cuts, customers.order_days, side="left")
    value = 1 + np.searchsorted(habits.value_cuts, customers.real, side="left")
    return np.asarray(_TABLE[recency, frequency, value])


def _quintiles(values: Numbers) -> Sequence[float]:
    cuts: Any = np.quantile(values, [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
    return [float(cut) for cut in cuts]


def _table() -> Numbers:
    table = np.ones((6, 6, 6))
    for multiplier, scores in MULTIPLIERS.items():
        for score in scores.split():
            table[tuple(int(digit) for digit in score)] = multiplier
    table[1:3, 4:, 4:] = 0.8  # Can't Lose Them
    return table


_TABLE = _table()
