"""Buyers who come back as a model says, whose parameters are known: an estimate can be compared with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from random import Random
from typing import NamedTuple

from vtex_sandbox.clock import DAY
from vtex_sandbox.scenario import RepeatBuyers

YEARS = 10
"""Years after the account's first day for which there are orders."""
WEEK = 7.0 * DAY


class Purchase(NamedTuple):
    """
    An order of a known buyer.

    :param at: ticks.
    :param cents: value of the order.
    """

    at: int
    buyer: int
    cents: int


@lru_cache(maxsize=16)
def purchases(seed: int, name: str, buyers: RepeatBuyers, start: int) -> dict[int, list[Purchase]]:
    """Return the purchases of an account that began at ``start``, by days since then."""
    by_day: dict[int, list[Purchase]] = defaultdict(list)
    for buyer in range(buyers.joining_per_day * 365 * YEARS):
        joined = start + buyer // buyers.joining_per_day * DAY
        for purchase in _life(Random(f"{seed}:{name}:{buyer}:purchases"), buyers, buyer, joined, start):
            by_day[(purchase.at - start) // DAY].append(purchase)
    return by_day


def _life(rng: Random, buyers: RepeatBuyers, number: int, joined: int, start: int) -> Iterator[Purchase]:
    """Yield a buyer's purchases: a rate, a probability to leave after each repeat one, and a scale of values, drawn."""
    rate = rng.gammavariate(buyers.r, 1 / buyers.alpha)
    leaving = rng.betavariate(buyers.a, buyers.b)
    scale = rng.gammavariate(buyers.q, 1 / buyers.gamma)
    first = at = joined + rng.randrange(DAY)
    while at < start + YEARS * 365 * DAY:
        yield Purchase(at, number, max(1, round(100 * rng.gammavariate(buyers.p, 1 / scale))))
        if at > first and rng.random() < leaving:
            return
        at += int(min(rng.expovariate(1) / max(rate, 1e-9), 1e6) * WEEK)
