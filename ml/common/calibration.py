"""One sigmoid that turns a model's log-odds into log-odds that are right as often as they say.

``calibrated = slope * raw + intercept`` (Platt 1999). The slope is fitted on forecasts of days that
the model had not seen, and drawn towards 1 by a normal prior: a calibrator without evidence changes
nothing. The intercept is the one under which the model expects as many events as there were in all
that it learnt from: the forecasts of early days would know less of the level, not more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SLOPE_PRIOR_SD = 0.15
LEVEL_PRIOR_SD = 2.0
SLOPE_FLOOR = 0.05
"""A negative slope would turn the ranking round; noise must not do that."""


def sigmoid(log_odds: FloatArray) -> FloatArray:
    """Return probabilities of log-odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -35, 35))), dtype=np.float64)


def design_effect(scores: FloatArray, cluster: NDArray[np.int64], inverse: FloatArray) -> float:
    """How many times more a coefficient varies because rows of one account resemble each other.

    Parameters
    ----------
    scores
        Gradient of each row's log likelihood, shape (rows, coefficients).
    cluster
        Account number of each row.
    inverse
        Inverse Hessian, shape (coefficients, coefficients).

    Returns
    -------
    float
        trace(H^-1 B) / trace(H^-1 J): B sums squared account totals, J squared rows; at least 1.
    """
    totals = np.zeros((int(cluster.max()) + 1, scores.shape[1]))
    np.add.at(totals, cluster, scores)
    clustered = float(((totals @ inverse) * totals).sum())
    independent = float(((scores @ inverse) * scores).sum())
    return max(1.0, clustered / independent) if independent > 0 else 1.0


@dataclass(frozen=True)
class Calibrator:
    """The sigmoid with the covariance of its two numbers (slope, intercept)."""

    slope: float = 1.0
    intercept: float = 0.0
    covariance: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))

    def apply(self, raw: FloatArray) -> FloatArray:
        """Return calibrated log-odds."""
        return self.slope * raw + self.intercept

    def variance(self, raw: FloatArray) -> FloatArray:
        """Return the variance that the calibration adds, per row."""
        design = np.column_stack([raw, np.ones_like(raw)])
        return np.asarray(np.einsum("ij,jk,ik->i", design, np.array(self.covariance), design))


def fit_calibrator(
    raw: FloatArray,
    label: FloatArray,
    cluster: NDArray[np.int64],
    known_raw: FloatArray,
    known_label: FloatArray,
) -> Calibrator:
    """Fit the slope on forecasts of unseen days, and the level on all days that are known.

    Parameters
    ----------
    raw, label
        Log-odds foretold and what happened.
    cluster
        Account number of each row; the covariance and the weight of the prior know that
        snapshots of one account repeat each other.
    known_raw, known_label
        Log-odds of the model to be calibrated, and what happened, on the rows it was fitted on.
    """
    design = np.column_stack([raw, np.ones_like(raw)])
    prior_mean = np.array([1.0, 0.0])
    precision = np.diag([SLOPE_PRIOR_SD**-2, LEVEL_PRIOR_SD**-2])
    effect, beta = 1.0, prior_mean
    for _ in range(2):
        # The likelihood counts as if there were rows / effect independent rows.
        beta = _newton(design, label, prior_mean, precision * effect)
        fitted = sigmoid(design @ beta)
        hessian = (design * (fitted * (1 - fitted))[:, None]).T @ design + precision * effect
        inverse: FloatArray = np.linalg.inv(hessian).astype(np.float64)
        variance = float(inverse[0, 0]) * effect
        effect = design_effect(design * (label - fitted)[:, None], cluster, inverse)
    return _levelled(max(float(beta[0]), SLOPE_FLOOR), variance, known_raw, known_label)


def _levelled(
    slope: float, variance: float, known_raw: FloatArray, known_label: FloatArray
) -> Calibrator:
    """Return the calibrator under which as many events are expected as were seen.

    The doubt about the slope turns the line about the middle of what the events tell of.
    """
    scaled, intercept = slope * known_raw, 0.0
    for _ in range(50):
        fitted = sigmoid(scaled + intercept)
        information = float((fitted * (1 - fitted)).sum()) + LEVEL_PRIOR_SD**-2
        lacking = float((known_label - fitted).sum()) - intercept * LEVEL_PRIOR_SD**-2
        step = float(np.clip(lacking / information, -2, 2))
        intercept += step
        if abs(step) < 1e-12:
            break
    fitted = sigmoid(scaled + intercept)
    middle = float(np.average(known_raw, weights=fitted * (1 - fitted)))
    return Calibrator(
        slope=slope,
        intercept=intercept,
        covariance=((variance, -variance * middle), (-variance * middle, variance * middle**2)),
    )


def _newton(
    design: FloatArray, label: FloatArray, prior_mean: FloatArray, precision: FloatArray
) -> FloatArray:
    beta = prior_mean.copy()
    for _ in range(50):
        fitted = sigmoid(design @ beta)
        gradient = design.T @ (label - fitted) - precision @ (beta - prior_mean)
        hessian = (design * (fitted * (1 - fitted))[:, None]).T @ design + precision
        step = np.clip(np.linalg.solve(hessian, gradient), -2.0, 2.0)
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    return beta
