"""Measures of a forecast on held-out time, with intervals that know accounts repeat.

Snapshots of one account are not independent, so every interval comes from resampling whole
accounts (clustered bootstrap, percentile interval), with a fixed seed. All measures take a weight
for each row, which is how often the row's account was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Measure = Callable[[FloatArray, FloatArray, FloatArray], float]

SEED = 20260630
REPLICATES = 400
LEVEL = 0.90
Z90 = 1.6448536269514722
"""Standard deviations on either side of a normal mean that hold `LEVEL` of it."""
_EPS = 1e-12


def auc(label: FloatArray, score: FloatArray, weight: FloatArray) -> float:
    """Area under the ROC curve; ties count half. NaN with one class only."""
    return auc_of_groups(label, weight, np.unique(score, return_inverse=True)[1])


def auc_of_groups(label: FloatArray, weight: FloatArray, group: IntArray) -> float:
    """AUC when rows are already grouped by rank of their score (ascending)."""
    positive = np.bincount(group, weight * label)
    negative = np.bincount(group, weight * (1 - label))
    below = np.cumsum(negative) - negative
    pairs = positive.sum() * negative.sum()
    if pairs == 0:
        return float("nan")
    return float((positive * (below + negative / 2)).sum() / pairs)


def average_precision(label: FloatArray, score: FloatArray, weight: FloatArray) -> float:
    """Area under the precision-recall curve (step-wise, as scikit-learn defines it)."""
    return _average_precision_of_groups(label, falling_groups(score), weight)


def falling_groups(score: FloatArray) -> IntArray:
    """Return the rank of each row's score, the highest first; ties share one."""
    return np.unique(-score, return_inverse=True)[1]


def _average_precision_of_groups(label: FloatArray, group: IntArray, weight: FloatArray) -> float:
    hits = np.cumsum(np.bincount(group, weight * label))
    shown = np.cumsum(np.bincount(group, weight))
    if hits[-1] == 0:
        return float("nan")
    precision = hits / np.maximum(shown, _EPS)
    recall_gain = np.diff(hits, prepend=0.0) / hits[-1]
    return float((precision * recall_gain).sum())


def brier(label: FloatArray, probability: FloatArray, weight: FloatArray) -> float:
    """Mean squared error of the probability."""
    return float(np.average((probability - label) ** 2, weights=weight))


def row_log_loss(label: FloatArray, probability: FloatArray) -> FloatArray:
    """Negative log likelihood of each row, natural logarithm."""
    bounded = np.clip(probability, _EPS, 1 - _EPS)
    return -(label * np.log(bounded) + (1 - label) * np.log1p(-bounded))


def log_loss(label: FloatArray, probability: FloatArray, weight: FloatArray) -> float:
    """Mean negative log likelihood."""
    return float(np.average(row_log_loss(label, probability), weights=weight))


def calibration_slope(label: FloatArray, probability: FloatArray, weight: FloatArray) -> float:
    """Slope of the outcome on the forecast's log-odds: 1 is right, below 1 overconfident.

    Logistic regression with two coefficients by Newton's method (Cox 1958). NaN when the forecast
    does not vary or there is one class only.
    """
    bounded = np.clip(probability, 1e-9, 1 - 1e-9)
    logit = np.log(bounded / (1 - bounded))
    if np.ptp(logit) < 1e-9 or not 0 < np.average(label, weights=weight) < 1:
        return float("nan")
    # Centred and scaled, or Newton's method stumbles over the intercept; the slope is scaled back.
    centre, spread = float(logit.mean()), float(logit.std())
    design = np.column_stack([np.ones_like(logit), (logit - centre) / spread])
    beta = np.array([centre, spread])
    for _ in range(25):
        fitted = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (label - fitted))
        information = weight * fitted * (1 - fitted) + _EPS
        cross = float(information @ design[:, 1])
        square = float((information * design[:, 1]) @ design[:, 1])
        hessian = np.array([[float(information.sum()), cross], [cross, square]])
        step = np.clip(np.linalg.solve(hessian, gradient), -2, 2)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    return float(beta[1] / spread)


def precision_at_top(
    label: FloatArray, score: FloatArray, weight: FloatArray, share: float = 0.1
) -> float:
    """Share of events among the rows with the highest scores (a tie at the edge is shared)."""
    return _precision_of_groups(label, falling_groups(score), weight, share)


def _precision_of_groups(
    label: FloatArray, group: IntArray, weight: FloatArray, share: float = 0.1
) -> float:
    hits, rows = np.bincount(group, weight * label), np.bincount(group, weight)
    room = share * rows.sum()
    before = np.cumsum(rows) - rows
    taken = np.clip((room - before) / np.maximum(rows, _EPS), 0, 1)
    return float((hits * taken).sum() / max(room, _EPS))


def lift_at_top(
    label: FloatArray, score: FloatArray, weight: FloatArray, share: float = 0.1
) -> float:
    """Precision at the top over the event rate; 1 is no better than drawing at random."""
    return _lift_of_groups(label, falling_groups(score), weight, share)


def _lift_of_groups(
    label: FloatArray, group: IntArray, weight: FloatArray, share: float = 0.1
) -> float:
    rate = float(np.average(label, weights=weight))
    return _precision_of_groups(label, group, weight, share) / rate if rate > 0 else float("nan")


MEASURES: Mapping[str, Measure] = {
    "auc": auc,
    "pr_auc": average_precision,
    "brier": brier,
    "log_loss": log_loss,
    "calibration_slope": calibration_slope,
    "lift_top_decile": lift_at_top,
    "precision_top_decile": precision_at_top,
}
RANK_MEASURES = ("auc", "pr_auc", "lift_top_decile", "precision_top_decile")
"""Measures that need an order only, so that a score without probabilities can be judged too."""


def calibration_table(
    label: FloatArray, probability: FloatArray, bins: int = 10
) -> list[dict[str, float | int]]:
    """Return foretold and observed rates in groups of equal size, by rising forecast."""
    order = np.argsort(probability, kind="stable")
    return [
        {
            "predicted": round(float(probability[part].mean()), 6),
            "observed": round(float(label[part].mean()), 6),
            "rows": len(part),
        }
        for part in np.array_split(order, bins)
        if len(part)
    ]


@dataclass(frozen=True)
class Estimate:
    """A measure with its interval. NaN where it is not defined."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        """Return plain numbers for storage, null for what is not defined."""
        pairs = {"value": self.value, "low": self.low, "high": self.high}
        return {k: round(v, 6) if np.isfinite(v) else None for k, v in pairs.items()}


class ClusterBootstrap:
    """Row weights of resampled accounts: the same draws for everything that is compared.

    Parameters
    ----------
    cluster
        Account of each row.
    replicates, seed
        How often to draw, and the seed of the draws.
    """

    def __init__(
        self, cluster: NDArray[np.object_], replicates: int = REPLICATES, seed: int = SEED
    ) -> None:
        self.replicates = replicates
        self.seed = seed
        self.members = np.unique(cluster, return_inverse=True)[1]
        self.clusters = int(self.members.max()) + 1 if len(self.members) else 0

    def samples(self, statistic: Callable[[FloatArray], float]) -> FloatArray:
        """Return the statistic of each draw, given the rows' weights."""
        rng = np.random.default_rng(self.seed)
        found = np.empty(self.replicates)
        for i in range(self.replicates):
            drawn = rng.integers(0, self.clusters, self.clusters)
            counts = np.bincount(drawn, minlength=self.clusters).astype(np.float64)
            found[i] = statistic(counts[self.members])
        return found

    def estimate(self, statistic: Callable[[FloatArray], float]) -> Estimate:
        """Return the statistic with its percentile interval (undefined draws are left out)."""
        value = statistic(np.ones(len(self.members)))
        drawn = self.samples(statistic)
        drawn = drawn[np.isfinite(drawn)]
        if not len(drawn):
            return Estimate(value, float("nan"), float("nan"))
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(drawn, [tail, 1 - tail])
        return Estimate(value, float(low), float(high))


def evaluate(
    label: FloatArray,
    score: FloatArray,
    bootstrap: ClusterBootstrap,
    names: tuple[str, ...] = tuple(MEASURES),
) -> dict[str, Estimate]:
    """Judge a forecast by the named measures, each with its clustered interval."""
    found: dict[str, Estimate] = {}
    falling = falling_groups(score)  # ranked once, not for each of the draws
    ranked: dict[str, Callable[[FloatArray], float]] = {
        "auc": lambda weight: auc_of_groups(label, weight, falling.max() - falling),
        "pr_auc": partial(_average_precision_of_groups, label, falling),
        "lift_top_decile": partial(_lift_of_groups, label, falling),
        "precision_top_decile": partial(_precision_of_groups, label, falling),
    }
    for name in names:
        statistic: Callable[[FloatArray], float]
        statistic = ranked.get(name) or partial(MEASURES[name], label, score)
        found[name] = bootstrap.estimate(statistic)
    return found


def at_capacity(
    label: FloatArray, score: FloatArray, bootstrap: ClusterBootstrap, share: float
) -> dict[str, Estimate]:
    """Judge the highest scores, that share of all rows, by precision and lift.

    Parameters
    ----------
    share
        Above 0 to 1.
    """
    falling = falling_groups(score)
    measures = {
        "precision_at_capacity": partial(_precision_of_groups, label, falling, share=share),
        "lift_at_capacity": partial(_lift_of_groups, label, falling, share=share),
    }
    return {name: bootstrap.estimate(measure) for name, measure in measures.items()}
