"""Maximum likelihood: several starts, log-parameters, standard errors by the inverse Hessian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # codespell:ignore optimize

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Likelihood = Callable[[Numbers], tuple[float, Numbers]]
"""Log-likelihood of parameters, and its gradient by the parameters' logarithms."""

BOUND = 14.0
"""Largest logarithm of a parameter, in size: a likelihood that still rises there has no maximum."""
STEP = 1e-4
SMALL = 1e-4
"""Largest gradient, a customer, of a maximum: one part in ten thousand of a parameter moves it by less than 1e-8."""


class Fit(NamedTuple):
    """
    Estimate of a model's parameters.

    :param errors: standard errors, nan where there is no maximum.
    :param problem: what is wrong with it, in words; empty if it converged.
    """

    parameters: Numbers
    errors: Numbers
    log_likelihood: float
    problem: str

    @property
    def converged(self) -> bool:
        """True for a maximum inside the bounds, curved downwards in every direction."""
        return not self.problem


def maximise(likelihood: Likelihood, starts: Sequence[Sequence[float]], *, observations: float) -> Fit:
    """
    Return the highest maximum found from several starts; the same input gives the same bytes.

    :param starts: parameters, all positive.
    :param observations: number of customers, which the likelihood is scaled by.
    """

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        value, slope = likelihood(np.exp(logs))
        return -value / observations, -slope / observations

    found = [
        minimize(
            loss,
            np.log(np.asarray(start, dtype=float)),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-BOUND, BOUND)] * len(start),
            options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
        )
        for start in starts
    ]
    best = min(found, key=lambda result: result.fun if np.isfinite(result.fun) else np.inf)
    logs = np.asarray(best.x, dtype=float)
    parameters = np.exp(logs)
    errors, problem = np.full(len(logs), np.nan), ""
    if not np.isfinite(best.fun):
        problem = "the likelihood cannot be computed"
    elif np.any(np.abs(logs) > BOUND - 0.01):
        problem = "the likelihood has no maximum: it rises as a parameter goes to zero or to infinity"
    elif np.max(np.abs(loss(logs)[1])) > SMALL:
        problem = f"the search did not end in {best.nit} steps"
    else:
        covariance = _inverse(_curvature(loss, logs) * observations)
        if covariance is None:
            problem = "the likelihood is flat at its maximum: the orders do not tell the parameters apart"
        else:
            errors = parameters * np.sqrt(np.diag(covariance))
    return Fit(parameters, errors, float(-best.fun * observations), problem)


def _curvature(loss: Likelihood, logs: Numbers) -> Numbers:
    steps = np.eye(len(logs)) * STEP
    rows = [(loss(logs + step)[1] - loss(logs - step)[1]) / (2 * STEP) for step in steps]
    return (np.array(rows) + np.array(rows).T) / 2


def _inverse(information: Numbers) -> Numbers | None:
    """Return the inverse of a matrix; None unless it is positive definite."""
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return None
    return np.asarray(np.linalg.inv(information))
