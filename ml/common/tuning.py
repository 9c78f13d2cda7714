"""Which candidate to fit, and how far to trust what it says: forward folds decide both.

Each fold's columns are made once, from its training rows alone, and serve every candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.common import metrics, splits
from ml.common.baserate import overlap
from ml.common.calibration import fit_calibrator, sigmoid
from ml.common.dataset import Dataset
from ml.common.estimator import BOOSTING, DEFAULT, LOGISTIC, Candidate, fit_estimator
from ml.common.features import Feature
from ml.common.model import FittedModel, fit, fit_columns
from ml.common.transform import directions

FloatArray = NDArray[np.float64]
Progress = Callable[[str], None]

BOOSTING_MUST_GAIN = 0.01
"""Boosting replaces the simpler model only if its log loss is this share lower."""
BOOSTING_EVENTS = 50
"""With fewer events boosting only memorises, and is not tried."""
PATIENCE = 2
"""Candidates in a row that are worse than the best before the search ends."""
EXPECTED_PRIOR_SD, PRIOR_SD_SPREAD = DEFAULT.prior_sd, 0.4
"""What is known of the right prior before any data: log-normal around the first, with the second as
standard deviation of the logarithm. With few events the folds can hardly tell one from another."""


@dataclass(frozen=True)
class Tuned:
    """The candidate chosen, and what it foretold of rows that it had not seen.

    Parameters
    ----------
    raw, label, account
        Pooled over the folds: log-odds foretold, what happened, whose row it is. Empty where the
        history is too short for folds.
    """

    candidate: Candidate
    raw: FloatArray
    label: FloatArray
    account: NDArray[np.object_]


@dataclass(frozen=True)
class _Fold:
    """Columns of the rows to learn from and of those to foretell."""

    past: FloatArray
    past_label: FloatArray
    ahead: FloatArray
    label: FloatArray
    account: NDArray[np.object_]
    overlap: float
    directions: NDArray[np.int64]

    def forecast(self, candidate: Candidate) -> FloatArray:
        """Return the log-odds of the rows ahead."""
        model = fit_estimator(candidate, self.past, self.past_label, self.overlap, self.directions)
        return np.asarray(model.decision_function(self.ahead), dtype=np.float64)


def tune(train: Dataset, features: tuple[Feature, ...], gap_days: int, say: Progress) -> Tuned:
    """Choose the candidate with the lowest log loss on forward folds, given what is expected.

    The loss of all rows counts as that of ``rows / overlap``; minus it is a log likelihood, to
    which the log-normal expectation of the prior's width adds its own.
    """
    folds = list(_folds(train, features, gap_days))
    if not folds:
        nothing = np.empty(0)
        return Tuned(DEFAULT, nothing, nothing, nothing.astype(object))
    label = np.concatenate([fold.label for fold in folds])
    forecasts: dict[Candidate, FloatArray] = {}
    losses: dict[Candidate, float] = {}

    def loss_of(candidate: Candidate) -> float:
        forecasts[candidate] = np.concatenate([fold.forecast(candidate) for fold in folds])
        loss = metrics.row_log_loss(label, sigmoid(forecasts[candidate]))
        say(f"{candidate.kind}, prior {candidate.prior_sd:g}: log loss {loss.mean():.5f}")
        return float(loss.sum()) / overlap(train.date, gap_days)

    for candidate in LOGISTIC:
        surprise = float(np.log(candidate.prior_sd / EXPECTED_PRIOR_SD)) / PRIOR_SD_SPREAD
        losses[candidate] = loss_of(candidate) + surprise**2 / 2
        since_best = len(losses) - 1 - int(np.argmin(list(losses.values())))
        if since_best >= PATIENCE:
            break  # ordered from narrow to wide: it only gets worse from here
    best = min(losses, key=lambda one: losses[one])
    if train.events >= BOOSTING_EVENTS:
        best = BOOSTING if loss_of(BOOSTING) < losses[best] * (1 - BOOSTING_MUST_GAIN) else best
    account = np.concatenate([fold.account for fold in folds])
    return Tuned(best, forecasts[best], label, account)


def fit_calibrated(
    train: Dataset,
    features: tuple[Feature, ...],
    tuned: Tuned,
    gap_days: int,
    *,
    with_intervals: bool = True,
) -> FittedModel:
    """Fit the chosen candidate on all rows, calibrated by its forecasts of unseen ones."""
    model = fit(
        train.frame,
        train.label,
        train.cluster,
        features,
        tuned.candidate,
        overlap(train.date, gap_days),
        with_intervals=with_intervals,
    )
    if not len(tuned.label) or not 0 < tuned.label.mean() < 1:
        return model
    cluster = np.unique(tuned.account, return_inverse=True)[1].astype(np.int64)
    known = model.raw(model.transform(train.frame))
    calibrator = fit_calibrator(tuned.raw, tuned.label, cluster, known, train.label)
    return replace(model, calibrator=calibrator)


def _folds(train: Dataset, features: tuple[Feature, ...], gap_days: int) -> Iterator[_Fold]:
    for split in splits.forward_folds(train.date, train.cluster, gap_days):
        splits.check_gap(train.date[split.train], train.date[split.test], gap_days)
        past, ahead = train.part(split.train), train.exam(split.test)
        if not len(ahead) or not past.can_fit:
            continue
        transformer, columns = fit_columns(past.frame, features)
        yield _Fold(
            past=columns,
            past_label=past.label,
            ahead=np.asarray(transformer.transform(ahead.frame), dtype=np.float64),
            label=ahead.label,
            account=ahead.account,
            overlap=overlap(past.date, gap_days),
            directions=directions(transformer.get_feature_names_out(), features),
        )
