"""The road from a labelled history to a judged model; the same for churn, upsell, cross-sell.

1. Learning: forward folds, each with the horizon as gap and grouped by account, choose the
   candidate by log loss; their pooled forecasts, all of days and accounts not yet seen, fit the one
   calibrator; the candidate is then fitted on everything.
2. Exam: the later part of the history, slice by slice. Each slice is foretold by what step 1 makes
   of the days a horizon before it, nothing else; base rate and rule score are judged on the same
   rows. The gate decides.
3. Step 1 once more on the whole known history: that model scores.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml.common import metrics, splits
from ml.common.baserate import base_rate
from ml.common.dataset import Dataset
from ml.common.estimator import Candidate
from ml.common.features import Feature
from ml.common.gate import MIN_EVENTS_TRAIN, Evidence, Verdict, Words, decide
from ml.common.model import FittedModel
from ml.common.tuning import Progress, fit_calibrated, tune

FloatArray = NDArray[np.float64]


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
    """What the first slice of the exam was foretold from."""
    test: Dataset
    """All slices of the exam."""
    forecast: FloatArray
    """Probability foretold of each row of ``test``; empty where nothing was."""


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
    slices = _exam_slices(data, gap_days)
    train, test = _exam_window(data, slices)
    say(f"{len(data):,} snapshots to learn from, {len(test):,} of them also foretold from before")
    exam = _examine(slices, features, gap_days, say)
    say("fitting on the whole known history")
    tuned = tune(data, features, gap_days, say) if data.can_fit else None
    return Judged(
        model=fit_calibrated(data, features, tuned, gap_days) if tuned else None,
        candidate=tuned.candidate if tuned else None,
        verdict=decide(_evidence(data, train, test, exam, has_rule), words),
        measures=exam.measures,
        rule_measures=exam.rule_measures,
        base_measures=exam.base_measures,
        comparison=exam.comparison(),
        calibration=exam.calibration,
        train=train,
        test=test,
        forecast=exam.forecast,
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
        not_better=exam.not_better,
        auc_difference=exam.auc_difference,
    )


def _exam_slices(data: Dataset, gap_days: int) -> list[tuple[Dataset, Dataset]]:
    """Return what each slice of the exam is foretold from, and the slice.

    Early slices before which too little had happened are no exam, unless that is all of them.
    """
    found = []
    for split in splits.exam_folds(data.date, gap_days):
        train, test = data.part(split.train), data.exam(split.test)
        splits.check_gap(train.date, test.date, gap_days)
        found.append((train, test))
    enough = [pair for pair in found if pair[0].events >= MIN_EVENTS_TRAIN and pair[0].can_fit]
    return enough or found[-1:]


def _exam_window(data: Dataset, slices: list[tuple[Dataset, Dataset]]) -> tuple[Dataset, Dataset]:
    if not slices:
        nothing = data.part(np.zeros(len(data), dtype=bool))
        return nothing, nothing
    return slices[0][0], data.exam(data.date >= slices[0][1].date.min())


@dataclass(frozen=True)
class _Exam:
    """What the held-out time showed; empty where there was nothing to show."""

    measures: dict[str, metrics.Estimate] = field(default_factory=dict)
    rule_measures: dict[str, metrics.Estimate] = field(default_factory=dict)
    base_measures: dict[str, float] = field(default_factory=dict)
    not_better: float = 1.0
    auc_difference: metrics.Estimate | None = None
    calibration: list[dict[str, float | int]] = field(default_factory=list)
    forecast: FloatArray = field(default_factory=lambda: np.empty(0))

    def comparison(self) -> dict[str, object]:
        """Return the comparisons for storage."""
        difference = self.auc_difference
        return {
            "not_better_than_base_rate": self.not_better,
            "auc_minus_rule": difference.as_json() if difference else None,
        }


def _examine(
    slices: list[tuple[Dataset, Dataset]],
    features: tuple[Feature, ...],
    gap_days: int,
    say: Progress,
) -> _Exam:
    """Foretell each slice from what lay before it, and judge all forecasts together."""
    if not slices or not slices[0][0].can_fit:
        return _Exam()
    forecasts, rates = [], []
    for past, ahead in slices:
        say(f"exam of {ahead.date.min()} to {ahead.date.max()}")
        tuned = tune(past, features, gap_days, say)
        model = fit_calibrated(past, features, tuned, gap_days, with_intervals=False)
        forecasts.append(model.probability(ahead.frame))
        rates.append(np.full(len(ahead), base_rate(past.label, past.date, gap_days).value))
    label = np.concatenate([ahead.label for _, ahead in slices])
    if not 0 < label.mean() < 1:
        return _Exam()
    say("resampling accounts on held-out time")
    account = np.concatenate([ahead.account for _, ahead in slices])
    rule = np.concatenate([ahead.rule for _, ahead in slices])
    return _judge(label, account, rule, np.concatenate(forecasts), np.concatenate(rates))


def _judge(
    label: FloatArray,
    account: NDArray[np.object_],
    rule: FloatArray,
    probability: FloatArray,
    base: FloatArray,
) -> _Exam:
    bootstrap = metrics.ClusterBootstrap(account)
    ones = np.ones(len(label))
    gain = metrics.row_log_loss(label, base) - metrics.row_log_loss(label, probability)
    rule_measures, difference = _against_rule(label, account, rule, probability)
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
        forecast=probability,
        not_better=float((bootstrap.samples(lambda weight: float(weight @ gain)) <= 0).mean()),
        auc_difference=difference,
    )


def _against_rule(
    label: FloatArray, account: NDArray[np.object_], rule: FloatArray, probability: FloatArray
) -> tuple[dict[str, metrics.Estimate], metrics.Estimate | None]:
    """Judge the rule score, and the model's lead over it, on the rows that have one."""
    known = np.isfinite(rule)
    if not known.any() or not 0 < label[known].mean() < 1:
        return {}, None
    label, bootstrap = label[known], metrics.ClusterBootstrap(account[known])
    rule_groups = np.unique(rule[known], return_inverse=True)[1]
    model_groups = np.unique(probability[known], return_inverse=True)[1]

    def lead(weight: FloatArray) -> float:
        model = metrics.auc_of_groups(label, weight, model_groups)
        return model - metrics.auc_of_groups(label, weight, rule_groups)

    measures = metrics.evaluate(label, rule[known], bootstrap, metrics.RANK_MEASURES)
    return measures, bootstrap.estimate(lead)
