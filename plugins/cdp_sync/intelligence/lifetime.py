"""Lifetime value: what a customer is expected to order, and what those orders are worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cdp_sync.intelligence.bg_nbd import BgNbd, expected_orders, fit_bg_nbd
from cdp_sync.intelligence.fitting import Fit, Numbers
from cdp_sync.intelligence.gamma_gamma import GammaGamma, expected_value, fit_gamma_gamma
from cdp_sync.intelligence.heuristics import YEAR, Habits, hiatus_orders, hiatus_value, multiplier_value
from cdp_sync.intelligence.histories import Histories

MODEL, POOLED, HIATUS, MULTIPLIER, NONE = "model", "pooled", "hiatus", "multiplier", "none"
"""Methods of ``cdp.customer_clv``."""
HORIZONS = (1, 3, 5)
"""Years."""


class LifetimeModel(NamedTuple):
    """
    Parameters of both models, and what predicts.

    :param method: a rule of thumb takes the place of both where it did better; the model then only says who is alive.
    :param habits: needed for the rules of thumb.
    """

    orders: BgNbd
    values: GammaGamma
    method: str = MODEL
    habits: Habits | None = None


class Prediction(NamedTuple):
    """Orders and value of each customer in some weeks; orders are nan where the method predicts value only."""

    orders: Numbers
    value: Numbers


def fit(customers: Histories) -> tuple[Fit, Fit]:
    """Fit BG/NBD to all customers, and Gamma-Gamma to those whose repeat orders have a value."""
    valued = customers.valued
    orders = fit_bg_nbd(*customers.weeks)
    if not valued.any():
        nothing = np.full(3, np.nan)
        return orders, Fit(nothing, nothing, float("nan"), "no customer's repeat orders brought anything")
    return orders, fit_gamma_gamma(customers.repeats[valued], customers.repeat_mean[valued])


def predict(model: LifetimeModel, customers: Histories, weeks: float) -> Prediction:
    """Return what each customer orders in the next weeks, not discounted."""
    if model.method in (HIATUS, MULTIPLIER):
        if model.habits is None:
            raise ValueError(f"method {model.method} needs habits")
        if model.method == HIATUS:
            orders = hiatus_orders(model.habits, customers, weeks)
            return Prediction(orders, hiatus_value(model.habits, customers, weeks))
        return Prediction(np.full(len(customers), np.nan), multiplier_value(model.habits, customers, weeks))
    orders = expected_orders(model.orders, weeks, *customers.weeks)
    return Prediction(orders, orders * value_of_an_order(model, customers))


def value_of_an_order(model: LifetimeModel, customers: Histories) -> Numbers:
    """
    Return the expected value of an order of each customer.

    Gamma-Gamma's values are positive: whose repeat orders brought nothing has the shop's mean, as who has none; nothing
    of one who sent back all that they bought.
    """
    repeats = np.where(customers.valued, customers.repeats, 0.0)
    return np.where(customers.real > 0, expected_value(model.values, repeats, customers.repeat_mean), 0.0)


def horizons(model: LifetimeModel, customers: Histories, *, discount_rate: float) -> dict[int, Prediction]:
    """
    Return the prediction for 1, 3 and 5 years, by years.

    Value is discounted year by year, from the middle of each.

    :param discount_rate: yearly; real, where values are in prices of one month.
    """
    results: dict[int, Prediction] = {}
    before, discounted = np.zeros(len(customers)), np.zeros(len(customers))
    for year in range(1, max(HORIZONS) + 1):
        predicted = predict(model, customers, year * YEAR)
        discounted = discounted + (predicted.value - before) / (1 + discount_rate) ** (year - 0.5)
        before = predicted.value
        if year in HORIZONS:
            results[year] = Prediction(predicted.orders, discounted)
    return results
