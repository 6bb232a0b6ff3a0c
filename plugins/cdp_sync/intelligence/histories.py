"""Customers as the models see them, as arrays: one entry a customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from cdp_sync.intelligence.fitting import Flags, Numbers

DAYS = 7.0
"""Days in the models' unit of time."""


@dataclass(frozen=True)
class Histories:
    """
    Customers of a shop, from ``intelligence/clv/histories.sql``. Days are whole, of Argentina.

    :param repeats: days with orders after the first one, x.
    :param last_after: days from the first order to the last one, t_x.
    :param age: days from the first order to the end, T.
    :param net: value of all orders, as paid.
    :param real: the same in prices of one month.
    :param first_real: value of the first day's orders.
    :param later_orders: days with orders after the end, in a hold-out.
    :param later_real: their value.
    """

    repeats: Numbers
    last_after: Numbers
    age: Numbers
    net: Numbers
    real: Numbers
    first_real: Numbers
    later_orders: Numbers
    later_real: Numbers

    @classmethod
    def of(cls, rows: Iterable[Iterable[tuple[Any, ...]]]) -> Histories:
        """Return histories of chunks of rows, each with a customer's values in the order of the fields."""
        size = len(fields(cls))
        chunks = [np.array(chunk, dtype=float).reshape(-1, size) for chunk in map(list, rows)]
        return cls(*(np.concatenate(chunks) if chunks else np.empty((0, size))).T)

    def sorted(self) -> Histories:
        """Return the customers in an order of their values, so that sums do not depend on how they were read."""
        columns = [getattr(self, field.name) for field in fields(self)]
        return Histories(*(column[np.lexsort(columns)] for column in columns))

    def __len__(self) -> int:
        return len(self.repeats)

    @property
    def weeks(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return (x, t_x, T) of BG/NBD."""
        return self.repeats, self.last_after / DAYS, self.age / DAYS

    @property
    def silence(self) -> Numbers:
        """Days since the last order."""
        return self.age - self.last_after

    @property
    def order_days(self) -> Numbers:
        """Days with orders."""
        return self.repeats + 1

    @property
    def repeat_mean(self) -> Numbers:
        """Mean value of the days after the first; 0 without one."""
        return (self.real - self.first_real) / np.maximum(self.repeats, 1) * (self.repeats > 0)

    @property
    def valued(self) -> Flags:
        """True for repeat customers whose repeat orders brought something: those Gamma-Gamma is about."""
        return np.asarray((self.repeats > 0) & (self.repeat_mean > 0))

    @property
    def mean_value(self) -> float:
        """Mean value of a day with orders, of all customers."""
        return float(self.real.sum() / self.order_days.sum()) if len(self) else 0.0
