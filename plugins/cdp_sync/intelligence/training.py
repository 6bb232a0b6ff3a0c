"""Training of a shop's model: gates, fit, judgement by a hold-out, or the parameters of all shops together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cdp_sync.intelligence.bg_nbd import BgNbd, expected_orders
from cdp_sync.intelligence.evaluation import judge, rank_sums, winner
from cdp_sync.intelligence.fitting import Fit
from cdp_sync.intelligence.gamma_gamma import GammaGamma
from cdp_sync.intelligence.gates import RECENT_DAYS, Refusal, refusal
from cdp_sync.intelligence.heuristics import YEAR, Habits
from cdp_sync.intelligence.histories import DAYS, Histories
from cdp_sync.intelligence.lifetime import (
    HIATUS,
    HORIZONS,
    MODEL,
    MULTIPLIER,
    NONE,
    POOLED,
    LifetimeModel,
    fit,
    predict,
)

NAMES = ("r", "alpha", "a", "b", "p", "q", "gamma")
HOLDOUT_DAYS = 180
"""Longest hold-out; of a shorter history its last third."""
POOL_SAMPLE = 1000
"""Most customers of a shop among those of all: no big shop speaks for the others."""
FITTED, UNCONVERGED = "fitted", "did_not_converge"
SHOPS = 2
"""Fewest shops of a pool: a shop alone, refused for its own orders, is not pooled with itself."""


@dataclass
class Training:
    """
    Outcome of a training: columns of ``cdp.clv_models`` by name, and rows of ``cdp.clv_evaluations``.

    :param models: parameters, if there are any.
    """

    columns: dict[str, Any]
    models: tuple[BgNbd, GammaGamma] | None = None
    evaluations: list[dict[str, Any]] = field(default_factory=list)


def train(customers: Histories) -> Training:
    """Fit a shop's customers; the training's outcome and sentence say what came of it."""
    columns: dict[str, Any] = {"converged": None, "method": NONE, "pooled": False, **_facts(customers)}
    if refused := refusal(customers):
        return Training(columns | refused._asdict())
    fits = fit(customers)
    columns["orders_log_likelihood"], columns["value_log_likelihood"] = (_number(each.log_likelihood) for each in fits)
    if refused := _unconverged(fits) or _unpredictable(fits, customers):
        return Training(columns | refused._asdict() | {"converged": False})
    sentence = f"Fitted to {columns['customers']} customers with {columns['order_days']} orders."
    done = {"outcome": FITTED, "sentence": sentence, "converged": True, "method": MODEL}
    return Training(columns | done | _parameters(fits), _models(fits))


def holdout_days(customers: Histories) -> int:
    """Return the days at the end of a history to be predicted from those before."""
    return min(HOLDOUT_DAYS, int(customers.age.max()) // 3)


def compare(training: Training, before: Histories, habits: Habits, *, days: int) -> Training:
    """
    Judge the methods by a hold-out; let the training use the best of them.

    The model is fitted again to what was known before the hold-out; where that does not converge it does not take part.

    :param before: customers as they were known then, with what came later.
    :param days: of the hold-out.
    """
    fits, weeks = fit(before), days / DAYS
    failed = _unconverged(fits) or _unpredictable(fits, before)
    candidates = {} if failed else {MODEL: LifetimeModel(*_models(fits))}
    some = training.models or _models(fits)
    candidates |= {name: LifetimeModel(*some, name, habits) for name in (HIATUS, MULTIPLIER)}
    predicted = {name: predict(candidate, before, weeks) for name, candidate in candidates.items()}
    judged = {name: judge(each.value, before.later_real) for name, each in predicted.items()}
    best, sums = winner(judged), rank_sums(judged)
    evaluations = [
        {
            "method": name,
            "holdout_days": days,
            "customers": len(before),
            "actual_value": round(float(before.later_real.sum()), 2),
            "predicted_value": round(float(predicted[name].value.sum()), 2),
            "actual_orders": int(before.later_orders.sum()),
            "predicted_orders": _number(predicted[name].orders.sum()),
            **judgement._asdict(),
            "rank_sum": sums[name],
            "is_winner": name == best,
        }
        for name, judgement in judged.items()
    ]
    without = "" if MODEL in judged else f" The model of the days before the last {days} did not converge."
    sentence = (
        f"{training.columns['sentence']} Of {', '.join(judged)}, {best} predicted the last {days} days best.{without}"
    )
    return Training(training.columns | {"method": best, "sentence": sentence}, training.models, evaluations)


def pool(samples: Sequence[Histories]) -> dict[str, Any] | None:
    """
    Fit the customers of several shops together; return parameters and errors by name, None without a model.

    Values are in units of each shop's mean order, so that shops of cheap and of dear things can share a model. Shops
    without an order of the last days do not take part: their customers would all have left.
    """
    scaled = [sample for sample in samples if sample.mean_value > 0 and sample.silence.min() <= RECENT_DAYS]
    if len(scaled) < SHOPS:
        return None
    columns = zip(*(_in_units(sample, sample.mean_value) for sample in scaled), strict=True)
    customers = Histories(*(np.concatenate(parts) for parts in columns)).sorted()
    if refusal(customers):
        return None
    fits = fit(customers)
    if _unconverged(fits) or _unpredictable(fits, customers):
        return None
    return _parameters(fits) | {"shops": len(scaled), "pooled_customers": len(customers)}


def use_pool(training: Training, customers: Histories, pooled: Mapping[str, Any] | None) -> Training:
    """Give a training without a model of its own the parameters of all shops of its currency, if there are any."""
    if pooled is None or not len(customers) or customers.mean_value <= 0:
        return training
    unit = customers.mean_value
    parameters = {name: pooled[name] for base in NAMES for name in (base, f"{base}_error")}
    parameters |= {name: pooled[name] * unit for name in ("gamma", "gamma_error")}
    sentence = (
        f"{training.columns['sentence']} Parameters of {pooled['pooled_customers']} customers of "
        f"{pooled['shops']} shops of the same currency are used instead."
    )
    columns = training.columns | parameters | {"method": POOLED, "pooled": True, "sentence": sentence}
    return Training(columns, training.models)


def _in_units(sample: Histories, unit: float) -> tuple[Any, ...]:
    money = (sample.net / unit, sample.real / unit, sample.first_real / unit)
    return sample.repeats, sample.last_after, sample.age, *money, sample.later_orders, sample.later_real / unit


def _facts(customers: Histories) -> dict[str, Any]:
    repeaters = customers.repeats > 0
    return {
        "customers": len(customers),
        "order_days": int(customers.order_days.sum()),
        "repeat_customers": int(repeaters.sum()),
        "without_value": int((repeaters & ~customers.valued).sum()),
        "span_days": int(customers.age.max()) if len(customers) else 0,
    }


def _unconverged(fits: tuple[Fit, Fit]) -> Refusal | None:
    for name, each in zip(("BG/NBD", "Gamma-Gamma"), fits, strict=True):
        if not each.converged:
            return Refusal(UNCONVERGED, f"{name} did not converge: {each.problem}.")
    return None


def _unpredictable(fits: tuple[Fit, Fit], customers: Histories) -> Refusal | None:
    """Return a refusal if the parameters give some customer, or one not yet known, no finite number of orders."""
    model, new = _models(fits)[0], np.zeros(1)
    for weeks in (years * YEAR for years in HORIZONS):
        orders = (expected_orders(model, weeks, *customers.weeks), expected_orders(model, weeks, new, new, new))
        if not all(np.isfinite(each).all() for each in orders):
            return Refusal(UNCONVERGED, "BG/NBD did not converge: its parameters predict no number of orders.")
    return None


def _models(fits: tuple[Fit, Fit]) -> tuple[BgNbd, GammaGamma]:
    orders, values = (each.parameters.tolist() for each in fits)
    return BgNbd(*orders), GammaGamma(*values)


def _parameters(fits: tuple[Fit, Fit]) -> dict[str, Any]:
    estimates = [number for each in fits for number in each.parameters.tolist()]
    errors = [number for each in fits for number in each.errors.tolist()]
    return dict(zip(NAMES, estimates, strict=True)) | dict(
        zip((f"{name}_error" for name in NAMES), errors, strict=True)
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
