"""
BG/NBD: how often a customer buys, and whether they still do.

While alive, a customer orders at random at a rate of their own; after each repeat order they may leave for good, with a
probability of their own. Rates vary by a gamma distribution (r, alpha), probabilities by a beta distribution (a, b).
Fader, Hardie & Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model", Marketing Science
24 (2005). All in logarithms, so that no number of orders overflows.

A customer is (x, t_x, T): repeat orders, when the last one was, and how long ago the first one was; in weeks since the
first order. Nobody leaves before their second order, says the model: who bought once is alive with certainty.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import digamma, expit, gammaln, hyp2f1

from cdp_sync.intelligence.fitting import Fit, Numbers, maximise

NEAR_ONE = 1e-6
ALIKE = 100.0
"""Size of a + b up to which the formula is used: from some hundreds on, hyp2f1 of scipy gives nan or infinity."""
NODES = 20
"""Points of the quadrature used there: it is right to one part in a million where the formula hands over to it."""


class BgNbd(NamedTuple):
    """Parameters, for time in weeks."""

    r: float
    alpha: float
    a: float
    b: float


def fit_bg_nbd(x: Numbers, t_x: Numbers, age: Numbers) -> Fit:
    """Estimate (r, alpha, a, b). Equal customers are counted, not repeated: the order of customers has no effect."""
    customers, counts = np.unique(np.column_stack([x, t_x, age]), axis=0, return_counts=True)
    weeks = max(float(age.mean()), 0.1)
    starts = ([1.0, weeks, 1.0, 1.0], [0.25, weeks / 6, 0.8, 2.5], [2.0, 2 * weeks, 0.5, 10.0])
    return maximise(_Likelihood(*customers.T, counts=counts.astype(float)), starts, observations=len(x))


class _Likelihood:
    """Log-likelihood, equation (6) of the paper, and its gradient; gamma functions once for each number of orders."""

    def __init__(self, x: Numbers, t_x: Numbers, age: Numbers, *, counts: Numbers) -> None:
        self._t_x, self._age, self._counts = t_x, age, counts
        self._x, self._repeats = x, x > 0
        self._kinds, self._kind = np.unique(x, return_inverse=True)
        self._of_kind = np.bincount(self._kind, weights=self._counts)

    def __call__(self, parameters: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = parameters
        kinds, of_kind, counts = self._kinds, self._of_kind, self._counts
        front = gammaln(r + kinds) - gammaln(r) + r * np.log(alpha)
        front += gammaln(a + b) + gammaln(b + kinds) - gammaln(b) - gammaln(a + b + kinds)
        alive, left, share = self._terms(parameters)
        value = np.sum(of_kind * front) + np.sum(counts * np.logaddexp(alive, left))

        gone = counts * (1 - share)
        here, there = np.log(alpha + self._age), np.log(alpha + self._t_x)
        power = r + self._x
        by_r = np.sum(of_kind * (digamma(r + kinds) - digamma(r) + np.log(alpha)))
        by_r -= np.sum(counts * share * here + gone * there)
        by_alpha = np.sum(of_kind) * r / alpha
        by_alpha -= np.sum(counts * share * power / (alpha + self._age) + gone * power / (alpha + self._t_x))
        shared = digamma(a + b) - digamma(a + b + kinds)
        by_a = np.sum(of_kind * shared) + np.sum(gone) / a
        by_b = np.sum(of_kind * (shared + digamma(b + kinds) - digamma(b)))
        by_b -= np.sum(gone[self._repeats] / (b + self._x[self._repeats] - 1))
        return float(value), np.array([by_r, by_alpha, by_a, by_b]) * parameters

    def _terms(self, parameters: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return the logarithms of the terms of who stayed and of who left, and the share of the first."""
        r, alpha, *_ = parameters
        stayed = -(r + self._x) * np.log(alpha + self._age)
        gone = _log_odds_of_leaving(BgNbd(*parameters), self._x, self._t_x, self._age)
        return stayed, stayed + gone, expit(-gone)


def _log_odds_of_leaving(model: BgNbd, x: Numbers, t_x: Numbers, age: Numbers) -> Numbers:
    """Return the logarithm of P(left) / P(alive); minus infinity without a repeat order."""
    repeats = np.maximum(x, 1)  # 0 would have the logarithm of a negative number, for a term that is not there
    odds = np.log(model.a) - np.log(model.b + repeats - 1)
    odds = odds + (model.r + x) * (np.log(model.alpha + age) - np.log(model.alpha + t_x))
    return np.where(x > 0, odds, -np.inf)


def p_alive(model: BgNbd, x: Numbers, t_x: Numbers, age: Numbers) -> Numbers:
    """Return the probability that a customer still buys (Fader, Hardie & Lee, "Computing P(alive)", 2008)."""
    return np.asarray(expit(-_log_odds_of_leaving(model, x, t_x, age)))


def age_at(model: BgNbd, p: float, x: Numbers, t_x: Numbers) -> Numbers:
    """
    Return the weeks after the first order at which P(alive) falls to p, without another order.

    Not before the last order; infinity without a repeat order.
    """
    repeats = np.maximum(x, 1)
    with np.errstate(divide="ignore", over="ignore"):
        log_odds = np.log1p(-p) - np.log(p) + np.log(model.b + repeats - 1) - np.log(model.a)
        age = np.exp(np.log(model.alpha + t_x) + log_odds / (model.r + x)) - model.alpha
    return np.where(x > 0, np.maximum(age, t_x), np.inf)


def expected_orders(model: BgNbd, weeks: float, x: Numbers, t_x: Numbers, age: Numbers) -> Numbers:
    """
    Return the orders expected of each customer in the next weeks, equation (10) of the paper.

    The hypergeometric function is transformed by Euler's (15.3.3 of Abramowitz & Stegun): its parameters no longer grow
    with x, and the power of x that would underflow against it cancels. Close to a = 1 the formula is 0 / 0; there the
    mean of both sides is taken. Where a + b is large, the mean over probabilities to leave is taken by quadrature.
    """
    if model.a + model.b > ALIKE:
        return np.asarray(_expected_while_alive(model, weeks, x, age) * p_alive(model, x, t_x, age))
    if abs(model.a - 1) < NEAR_ONE:
        sides = (model._replace(a=1 - 10 * NEAR_ONE), model._replace(a=1 + 10 * NEAR_ONE))
        return np.asarray(sum(expected_orders(side, weeks, x, t_x, age) for side in sides) / 2)
    r, alpha, a, b = model
    z = weeks / (alpha + age + weeks)
    c = a + b + x - 1
    power = np.exp((a - 1) * np.log1p(-z))
    while_alive = c / (a - 1) * (1 - power * hyp2f1(a + b - 1 - r, a - 1, c, z))
    return np.asarray(while_alive * p_alive(model, x, t_x, age))


def _expected_while_alive(model: BgNbd, weeks: float, x: Numbers, age: Numbers) -> Numbers:
    """
    Return the orders expected of customers who are alive, as a mean over the probabilities with which they leave.

    With one probability p they are (1 - (1 + p * weeks / (alpha + T)) ** -(r + x)) / p.
    """
    kinds, kind = np.unique(x, return_inverse=True)
    nodes, weights = (np.array(part) for part in zip(*(_beta(model.a, model.b + each) for each in kinds), strict=True))
    time, power = weeks / (model.alpha + age), model.r + x
    expected = np.zeros(len(x))
    for node in range(NODES):
        p = nodes[kind, node]
        expected -= weights[kind, node] * np.expm1(-power * np.log1p(p * time)) / p
    return expected


def _beta(a: float, b: float) -> tuple[Numbers, Numbers]:
    """Return nodes and weights of Gauss's quadrature for a beta distribution (Golub & Welsch 1969)."""
    n = np.arange(NODES, dtype=float)
    size = 2 * n + a + b
    middle = (a * (a + b - 2) + 2 * n * (n + a + b - 1)) / (size * (size - 2))
    n, size = n[1:], size[1:]
    beside = np.sqrt(n * (n + a - 1) * (n + b - 1) * (n + a + b - 2) / ((size - 1) * (size - 3))) / (size - 2)
    nodes, vectors = eigh_tridiagonal(middle, beside)
    return nodes, vectors[0] ** 2
