"""
Gamma-Gamma: what an order of a customer is worth.

Order values vary by a gamma distribution of shape p around a customer's mean, means between customers by another (q,
gamma); how much does not depend on how often. Fader & Hardie, "The Gamma-Gamma Model of Monetary Value" (2013).
As there, the value of the first order is left out: x is the number of repeat orders, and mean their mean value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln

from cdp_sync.intelligence.fitting import Fit, Numbers, maximise

SURE = 2.0
"""Standard errors by which q must be above 1: the mean order goes to infinity as q goes to 1."""


class GammaGamma(NamedTuple):
    """Parameters; gamma in units of value."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """Mean value of an order of a customer not yet known; infinite unless q > 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")


def fit_gamma_gamma(x: Numbers, mean: Numbers) -> Fit:
    """
    Estimate (p, q, gamma) from customers with repeat orders of positive mean value.

    Values are divided by their mean first, so that the search works alike in pesos and in dollars. The log-likelihood
    is that of the values as given.
    """
    order = np.lexsort((mean, x))
    x, mean = x[order], mean[order]
    scale = float(mean.mean())
    starts = ([2.0, 4.0, 2.0], [6.0, 4.0, 0.5], [1.0, 2.0, 1.0])
    fit = maximise(_Likelihood(x, mean / scale), starts, observations=len(x))
    units = np.array([1.0, 1.0, scale])
    problem = fit.problem
    if not problem and not fit.parameters[1] - 1 > SURE * fit.errors[1]:
        problem = "order values vary so much between customers that their mean is not known (q is not clearly above 1)"
    likelihood = fit.log_likelihood - len(x) * np.log(scale)
    return Fit(fit.parameters * units, fit.errors * units, float(likelihood), problem)


class _Likelihood:
    """Log-likelihood, equation (1a) of the paper, and its gradient."""

    def __init__(self, x: Numbers, mean: Numbers) -> None:
        self._x, self._sum = x, x * mean
        self._log_sum = np.log(self._sum)
        self._constant = -float(np.sum(np.log(mean)))

    def __call__(self, parameters: Numbers) -> tuple[float, Numbers]:
        p, q, gamma = parameters
        x, shape = self._x, p * self._x
        total = np.log(gamma + self._sum)
        value = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        value += shape * self._log_sum - (shape + q) * total
        by_p = x * (digamma(shape + q) - digamma(shape) + self._log_sum - total)
        by_q = digamma(shape + q) - digamma(q) + np.log(gamma) - total
        by_gamma = q / gamma - (shape + q) / (gamma + self._sum)
        slopes = np.array([np.sum(by_p), np.sum(by_q), np.sum(by_gamma)])
        return float(np.sum(value)) + self._constant, slopes * parameters


def expected_value(model: GammaGamma, x: Numbers, mean: Numbers) -> Numbers:
    """Return the expected value of an order of each customer, equation (5); the shop's mean without repeat orders."""
    shape = model.p * x
    known = np.where(x > 0, mean, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = model.p * (model.gamma + x * known) / (shape + model.q - 1)
    return np.where(x > 0, expected, model.mean)
