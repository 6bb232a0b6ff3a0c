"""Comparison of predictions with what came: total error, mean absolute error, normalised Gini, deciles; the winner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from cdp_sync.intelligence.fitting import Numbers


class Judgement(NamedTuple):
    """One method's predictions beside the value that came: columns of ``cdp.clv_evaluations``."""

    total_error: float
    mean_absolute_error: float
    normalised_gini: float
    predicted_deciles: list[float]
    actual_deciles: list[float]


def judge(predicted: Numbers, actual: Numbers) -> Judgement:
    """Compare predictions, one a customer, with what came."""
    order = np.lexsort((actual, -predicted))
    ranked, came = predicted[order], _shared(predicted[order], actual[order])
    total = actual.sum()
    return Judgement(
        total_error=float(abs(predicted.sum() - total) / total) if total > 0 else 1.0,
        mean_absolute_error=float(np.mean(np.abs(predicted - actual))),
        normalised_gini=normalised_gini(predicted, actual),
        predicted_deciles=[float(part.mean()) if len(part) else 0.0 for part in np.array_split(ranked, 10)],
        actual_deciles=[float(part.mean()) if len(part) else 0.0 for part in np.array_split(came, 10)],
    )


def normalised_gini(predicted: Numbers, actual: Numbers) -> float:
    """
    Return how well predictions rank customers: 1 as well as the truth, 0 as well as chance.

    Customers of equal predictions share the mean of what they brought: their order says nothing.
    """
    best = _gini(actual, actual)
    return _gini(predicted, actual) / best if best > 0 else 0.0


def _gini(score: Numbers, actual: Numbers) -> float:
    order = np.lexsort((actual, -score))
    came = _shared(score[order], actual[order])
    if came.sum() <= 0:
        return 0.0
    gained = np.cumsum(came) / came.sum()
    return float(np.mean(gained) - (len(came) + 1) / (2 * len(came)))


def _shared(ranked: Numbers, came: Numbers) -> Numbers:
    """Give each run of equal scores the mean of its actual values."""
    _, run = np.unique(-ranked, return_inverse=True)
    return np.asarray((np.bincount(run, weights=came) / np.bincount(run))[run])


def rank_sums(judgements: Mapping[str, Judgement]) -> dict[str, int]:
    """Return the sum of each method's ranks, 1 is best, by total error, mean absolute error and normalised Gini."""
    errors = [
        {name: each.total_error for name, each in judgements.items()},
        {name: each.mean_absolute_error for name, each in judgements.items()},
        {name: -each.normalised_gini for name, each in judgements.items()},
    ]
    return {
        name: sum(1 + sum(other < error[name] for other in error.values()) for error in errors) for name in judgements
    }


def winner(judgements: Mapping[str, Judgement]) -> str:
    """Return the method of the lowest sum of ranks; of equal ones the first."""
    sums = rank_sums(judgements)
    return min(sums, key=sums.__getitem__)
