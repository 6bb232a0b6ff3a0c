"""Scores of customers: rows of ``staging.customer_clv``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from cdp_sync.intelligence.bg_nbd import age_at, p_alive
from cdp_sync.intelligence.fitting import Numbers
from cdp_sync.intelligence.histories import DAYS, Histories
from cdp_sync.intelligence.lifetime import HORIZONS, LifetimeModel, horizons

COLUMNS = (
    "reason", "order_days", "p_alive", "churn_probability", "early_warning", "warned_since",
    "expected_orders_1y", "expected_orders_3y", "expected_orders_5y", "value_1y", "value_3y", "value_5y",
    "historical_net", "historical_real", "total_value",
)  # fmt: skip
TOTAL_YEARS = 3
"""Horizon of the prediction that is added to history."""
WITHOUT_VALUE = "What was bought was sent back: no value is expected of further orders."
WRITTEN_OFF = "Nothing more is expected: no second order yet, or silent for too long."
UNKNOWN = "The model gives no number for this customer."
PROBABILITY, ORDERS, MONEY = 6, 4, 2
"""Decimals kept."""


def scores(
    model: LifetimeModel, customers: Histories, *, today: date, discount_rate: float, churn_warning: float
) -> Iterator[tuple[Any, ...]]:
    """
    Yield each customer's scores, the values of ``COLUMNS``.

    :param today: the local day at which the customers' ages end.
    """
    x, t_x, age = customers.weeks
    predicted = horizons(model, customers, discount_rate=discount_rate)
    alive = np.round(p_alive(model.orders, x, t_x, age), PROBABILITY)
    warned_at = np.inf + x
    if churn_warning < 1:  # rounded first: a whole number of days is not a day more for its last bit
        warned_at = np.ceil(np.round(age_at(model.orders, 1 - churn_warning, x, t_x) * DAYS, PROBABILITY))
    warned = (x > 0) & (customers.age >= warned_at)
    since = np.where(warned, customers.age - warned_at, 0).astype(int).tolist()
    value = [np.round(predicted[years].value, MONEY) for years in HORIZONS]
    total = np.round(customers.real + np.nan_to_num(value[HORIZONS.index(TOTAL_YEARS)], posinf=0, neginf=0), MONEY)
    yield from zip(
        _reasons(predicted[TOTAL_YEARS].value, customers),
        customers.order_days.astype(int).tolist(),
        _known(alive, x > 0),
        _known(np.round(1 - alive, PROBABILITY), x > 0),
        warned.tolist(),
        [today - timedelta(days) if flag else None for flag, days in zip(warned.tolist(), since, strict=True)],
        *(_known(np.round(predicted[years].orders, ORDERS)) for years in HORIZONS),
        *(_known(each) for each in value),
        customers.net.tolist(),
        customers.real.tolist(),
        total.tolist(),
        strict=True,
    )


def unscored(customers: Histories, *, reason: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows of customers of whom nothing is predicted, and why."""
    histories = zip(customers.order_days.tolist(), customers.net.tolist(), customers.real.tolist(), strict=True)
    for order_days, net, real in histories:
        yield reason, int(order_days), None, None, False, None, *[None] * 6, net, real, real


def _reasons(value: Numbers, customers: Histories) -> list[str | None]:
    """Return why nothing is predicted of each customer; None where something is."""
    reasons = np.full(len(value), WRITTEN_OFF, dtype=object)
    reasons[customers.real <= 0] = WITHOUT_VALUE
    reasons[value > 0] = None
    reasons[~np.isfinite(value)] = UNKNOWN
    return list(reasons)


def _known(values: Numbers, where: Any = True) -> Sequence[float | None]:
    known = (np.isfinite(values) & where).tolist()
    return [value if is_known else None for value, is_known in zip(values.tolist(), known, strict=True)]
