"""The road from a labelled history to a judged model; the same for churn, upsell, cross-sell.

1. Hold out the latest dates; training ends a horizon before them.
2. Inside training, forward folds (each with the gap) choose the candidate by log loss; the pooled
   forecasts of those folds, all of days not yet seen, fit the one calibrator.
3. Judge on the held-out dates against base rate and rule score; the gate decides.
4. Repeat step 2's fit with the chosen candidate on the whole known history: that model scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml.common import metrics, splits
from ml.common.calibration import fit_calibrator, sigmoid
from ml.common.dataset import Dataset
from ml.common.features import Feature
from ml.common.gate import Evidence, Verdict, Words, decide
from ml.common.model import BOOSTING, DEFAULT, LOGISTIC, Candidate, FittedModel, fit

FloatArray = NDArray[np.float64]
Progress = Callable[[str], None]

BOOSTING_MUST_GAIN = 0.01
"""Boosting replaces the simpler model only if its log loss is this share lower."""
BOOSTING_EVENTS = 50
"""With fewer events boosting only memorises, and is not tried."""
PATIENCE = 2
"""Candidates in a row that are worse than the best before the search ends."""


@dataclass(frozen=True)
class Judged:
    """Outcome of training: the model (if one could be fitted) and everything known about it."""

    model: FittedModel | None
    candidate: Candidate | None
    verdict: Verdict
    measures: dict[str, metrics.Estimate]
    rule_measures: dict[str, metrics.Estimate]
    base_measures: dict[str, float]
    comparison: dict[str, object]
    calibration: list[dict[str, float | int]]
    train: Dataset
    test: Dataset


def train_and_judge(
    data: Dataset,
    features: tuple[Feature, ...],
    words: Words,
    gap_days: int,
    *,
    has_rule: bool = True,
    progress: Progress | None = None,
) -> Judged:
    """Learn from a labelled history and judge what was learnt.

    Parameters
    ----------
    data
        Known outcomes only.
    features
        Numeric features.
    gap_days
        The horizon: days until a snapshot's outcome is decided.
    has_rule
        Whether the fallback is a rule score (else the base rate).
    """
    # One thread: the same sums in the same order on any machine, and no spinning on a busy one.
    with threadpool_limits(limits=1):
        return _train_and_judge(
            data.thinned(), features, words, gap_days, has_rule, progress or (lambda _: None)
        )


def _train_and_judge(
    data: Dataset,
    features: tuple[Feature, ...],
    words: Words,
    gap_days: int,
    has_rule: bool,
    say: Progress,
) -> Judged:
    split = splits.time_split(data.date, gap_days) if len(data) else None
    train, test = _sides(data, split, gap_days)
    say(f"{len(train):,} snapshots to learn from, {len(test):,} held out")
    candidate = None
    exam = _Exam()
    if train.can_fit:
        candidate = choose(train, features, gap_days, say)
        examined = fit_calibrated(train, features, candidate, gap_days, with_intervals=False)
        exam = _examine(examined, train, test, say)
    say("fitting on the whole known history")
    candidate = (candidate or DEFAULT) if data.can_fit else None
    model = fit_calibrated(data, features, candidate, gap_days) if candidate else None
    return Judged(
        model=model,
        candidate=candidate,
        verdict=decide(_evidence(data, train, test, exam, has_rule), words),
        measures=exam.measures,
        rule_measures=exam.rule_measures,
        base_measures=exam.base_measures,
        comparison=exam.comparison(),
        calibration=exam.calibration,
        train=train,
        test=test,
    )


def _evidence(
    data: Dataset, train: Dataset, test: Dataset, exam: _Exam, has_rule: bool
) -> Evidence:
    return Evidence(
        events=data.events,
        events_train=train.events,
        events_test=test.events,
        has_history=len(test) > 0,
        is_fitted=bool(exam.measures),
        has_rule=has_rule,
        model=exam.measures,
        not_better_brier=exam.not_better_brier,
        not_better_log_loss=exam.not_better_log_loss,
        auc_difference=exam.auc_difference,
    )


def _sides(data: Dataset, split: splits.TimeSplit | None, gap_days: int) -> tuple[Dataset, Dataset]:
    if split is None:
        nothing = data.part(np.zeros(len(data), dtype=bool))
        return nothing, nothing
    train, test = data.part(split.train), data.part(split.test)
    splits.check_gap(train.date, test.date, gap_days)
    return train, test


def choose(
    train: Dataset, features: tuple[Feature, ...], gap_days: int, say: Progress
) -> Candidate:
    """Choose the candidate with the lowest log loss on forward folds."""
    folds = _usable_folds(train, gap_days)
    if not folds:
        return DEFAULT
    losses: dict[Candidate, float] = {}
    for candidate in LOGISTIC:
        losses[candidate] = _forward_loss(train, folds, features, candidate, say)
        since_best = len(losses) - 1 - int(np.argmin(list(losses.values())))
        if since_best >= PATIENCE:
            break  # ordered from strong to weak: less shrinkage only gets worse from here
    best = min(losses, key=lambda one: losses[one])
    if train.events < BOOSTING_EVENTS:
        return best
    loss = _forward_loss(train, folds, features, BOOSTING, say)
    return BOOSTING if loss < losses[best] * (1 - BOOSTING_MUST_GAIN) else best


def _forward_loss(
    train: Dataset,
    folds: list[splits.TimeSplit],
    features: tuple[Feature, ...],
    candidate: Candidate,
    say: Progress,
) -> float:
    raw, label, _ = _forward(train, folds, features, candidate)
    loss = float(metrics.row_log_loss(label, sigmoid(raw)).mean())
    say(f"{candidate.kind}, shrinkage {candidate.shrinkage:g}: log loss {loss:.4f}")
    return loss


def fit_calibrated(
    train: Dataset,
    features: tuple[Feature, ...],
    candidate: Candidate,
    gap_days: int,
    *,
    with_intervals: bool = True,
) -> FittedModel:
    """Fit on all rows, calibrated by forward forecasts of the later ones."""
    model = fit(
        train.frame,
        train.label,
        train.cluster,
        features,
        candidate,
        with_intervals=with_intervals,
    )
    folds = _usable_folds(train, gap_days)
    if not folds:
        return model
    raw, label, account = _forward(train, folds, features, candidate)
    if not 0 < label.mean() < 1:
        return model
    cluster = np.unique(account, return_inverse=True)[1].astype(np.int64)
    return replace(model, calibrator=fit_calibrator(raw, label, cluster))


def _usable_folds(train: Dataset, gap_days: int) -> list[splits.TimeSplit]:
    found = splits.forward_folds(train.date, gap_days)
    for fold in found:
        splits.check_gap(train.date[fold.train], train.date[fold.test], gap_days)
    return [fold for fold in found if train.part(fold.train).can_fit]


def _forward(
    train: Dataset,
    folds: list[splits.TimeSplit],
    features: tuple[Feature, ...],
    candidate: Candidate,
) -> tuple[FloatArray, FloatArray, NDArray[np.object_]]:
    raw, label, account = [], [], []
    for fold in folds:
        past, ahead = train.part(fold.train), train.part(fold.test)
        model = fit(past.frame, past.label, past.cluster, features, candidate, with_intervals=False)
        raw.append(model.raw(model.transform(ahead.frame)))
        label.append(ahead.label)
        account.append(ahead.account)
    return np.concatenate(raw), np.concatenate(label), np.concatenate(account)


@dataclass(frozen=True)
class _Exam:
    """What the held-out time showed; empty where there was nothing to show."""

    measures: dict[str, metrics.Estimate] = field(default_factory=dict)
    rule_measures: dict[str, metrics.Estimate] = field(default_factory=dict)
    base_measures: dict[str, float] = field(default_factory=dict)
    not_better_brier: float = 1.0
    not_better_log_loss: float = 1.0
    auc_difference: metrics.Estimate | None = None
    calibration: list[dict[str, float | int]] = field(default_factory=list)

    def comparison(self) -> dict[str, object]:
        """Return the comparisons for storage."""
        difference = self.auc_difference
        return {
            "not_better_than_base_rate_brier": self.not_better_brier,
            "not_better_than_base_rate_log_loss": self.not_better_log_loss,
            "auc_minus_rule": difference.as_json() if difference else None,
        }


def _examine(model: FittedModel, train: Dataset, test: Dataset, say: Progress) -> _Exam:
    if not len(test) or not 0 < test.label.mean() < 1:
        return _Exam()
    say("resampling accounts on held-out time")
    label, probability = test.label, model.probability(test.frame)
    base = np.full(len(test), train.label.mean())
    bootstrap = metrics.ClusterBootstrap(test.account)
    ones = np.ones(len(test))
    squared = (base - label) ** 2 - (probability - label) ** 2
    surprise = metrics.row_log_loss(label, base) - metrics.row_log_loss(label, probability)
    rule_measures, difference = _against_rule(test, probability)
    return _Exam(
        measures=metrics.evaluate(label, probability, bootstrap),
        rule_measures=rule_measures,
        base_measures={
            "auc": 0.5,
            "brier": metrics.brier(label, base, ones),
            "log_loss": metrics.log_loss(label, base, ones),
            "event_rate": float(label.mean()),
        },
        calibration=metrics.calibration_table(label, probability),
        not_better_brier=_share_not_better(bootstrap, squared),
        not_better_log_loss=_share_not_better(bootstrap, surprise),
        auc_difference=difference,
    )


def _share_not_better(bootstrap: metrics.ClusterBootstrap, gain: FloatArray) -> float:
    return float((bootstrap.samples(lambda weight: float(weight @ gain)) <= 0).mean())


def _against_rule(
    test: Dataset, probability: FloatArray
) -> tuple[dict[str, metrics.Estimate], metrics.Estimate | None]:
    """Judge the rule score, and the model's lead over it, on the rows that have one."""
    known = np.isfinite(test.rule)
    if not known.any() or not 0 < test.label[known].mean() < 1:
        return {}, None
    label, bootstrap = test.label[known], metrics.ClusterBootstrap(test.account[known])
    rule_groups = np.unique(test.rule[known], return_inverse=True)[1]
    model_groups = np.unique(probability[known], return_inverse=True)[1]

    def lead(weight: FloatArray) -> float:
        model = metrics.auc_of_groups(label, weight, model_groups)
        return model - metrics.auc_of_groups(label, weight, rule_groups)

    measures = metrics.evaluate(label, test.rule[known], bootstrap, metrics.RANK_MEASURES)
    return measures, bootstrap.estimate(lead)
