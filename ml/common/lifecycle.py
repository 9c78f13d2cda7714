"""What training a model means in the warehouse: when it is due, what is kept, what is reused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ml.common import monitor, promotion, registry, store
from ml.common.baserate import base_rate
from ml.common.card import card_of
from ml.common.dataset import BoolArray, Dataset
from ml.common.features import PRODUCT, Feature
from ml.common.frames import Reader
from ml.common.gate import Words
from warehouse.settings import Settings

if TYPE_CHECKING:
    from ml.common.training import Judged

RETRAIN_AFTER_DAYS = 28
RULE_VERSION = "rule-v2"
EARLY_SHARE = 1 / 3
"""A feature must have been known in this first share of the history to be learnt from."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class ModelSpec:
    """What is learnt.

    Parameters
    ----------
    name
        ``churn``, ``upsell`` or ``cross_sell``.
    features
        Numeric features; whether ``product`` joins is the dataset's matter.
    words
        How to speak of the event.
    """

    name: str
    features: tuple[Feature, ...]
    words: Words

    @property
    def declared(self) -> list[str]:
        """Names of the features that exist."""
        return [feature.name for feature in self.features]


@dataclass(frozen=True)
class ScoreResult:
    """What scoring one date did.

    Parameters
    ----------
    rows, published
        Score rows that now stand for the date, and those of them that are published.
    changed, deleted
        Rows written anew and removed; 0 when the same was scored before.
    basis
        What was published: ``model``, ``rule`` or ``base_rate``, by model name.
    reason
        Why, in words, by model name.
    """

    as_of_date: dt.date
    rows: int
    published: int
    changed: int
    deleted: int
    basis: dict[str, str]
    reason: dict[str, str]


def known_until(settings: Settings, as_of: dt.date) -> dt.date:
    """Return the last snapshot date whose outcome was decided by ``as_of``.

    A customer counts as gone only after the grace gap, so the horizon alone is not enough.
    """
    return as_of - dt.timedelta(days=settings.churn.horizon_days + settings.churn.grace_days)


def is_due(reader: Reader, settings: Settings, spec: ModelSpec, as_of: dt.date) -> bool:
    """Return whether to train: never trained, too long ago, changed, or a monitor asks for it."""
    run = store.latest_run(reader, spec.name, as_of)
    if run is None or (as_of - run.as_of_date).days > RETRAIN_AFTER_DAYS:
        return True
    identity = _identity(settings, spec)
    if {key: run.params.get(key) for key in identity} != identity:
        return True
    return bool(monitor.asks_for_training(reader, run, as_of))


def _identity(settings: Settings, spec: ModelSpec) -> dict[str, Any]:
    return {
        "declared_features": spec.declared,
        "horizon_days": settings.churn.horizon_days,
        "grace_days": settings.churn.grace_days,
        "churn_taken_from": settings.churn.taken_from,
        "code_version": store.CODE_VERSION,
    }


def covered(data: Dataset, features: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """Return the features whose history reaches back to where the training window begins.

    One that was first recorded later would teach the model when it was switched on. One whose
    history may begin late for some accounts before others must be known in every row.
    """
    if not len(data):
        return features
    distinct = np.unique(data.date)
    early = data.date <= distinct[int(len(distinct) * EARLY_SHARE)]
    return tuple(feature for feature in features if _is_covered(data, feature, early))


def _is_covered(data: Dataset, feature: Feature, early: BoolArray) -> bool:
    known = np.isfinite(data.frame[feature.name].to_numpy(dtype=float))
    return bool(known.all() if feature.has_late_history else known[early].any())


def make_dataset(
    frame: pd.DataFrame,
    label: str,
    rule: Any,
    features: tuple[Feature, ...],
    announced: BoolArray | None = None,
) -> Dataset:
    """Return a labelled frame as a dataset; ``product`` joins if the frame has it."""
    names = [feature.name for feature in features]
    columns = [*names, PRODUCT] if PRODUCT in frame.columns else names
    return Dataset(
        frame=frame[columns].reset_index(drop=True),
        label=frame[label].to_numpy(dtype=np.float64),
        account=frame["account_id"].to_numpy(dtype=object),
        date=frame["as_of_date"].to_numpy().astype("datetime64[D]"),
        rule=np.asarray(rule, dtype=np.float64),
        announced=announced,
    )


def train(
    reader: Reader,
    settings: Settings,
    spec: ModelSpec,
    as_of: dt.date,
    data: Dataset,
    extra: dict[str, Any],
    progress: Progress | None,
) -> store.ModelRun:
    """Train, judge, keep, and decide who is published.

    The same data again returns what is kept, writes nothing and decides nothing.

    Parameters
    ----------
    extra
        What scoring needs besides the model; goes into the run's parameters.
    """
    kept = store.find_run(reader, _version(settings, spec, as_of, data, extra))
    if kept is not None:
        return kept
    run, judged = learn(settings, spec, as_of, data, extra, progress)
    card = card_of(run, judged, spec.words, reader.segments(), settings.churn.capacity_share)
    run = replace(run, card=card)
    _keep(reader, spec, run, judged)
    reader.connection.commit()
    return run


def learn(
    settings: Settings,
    spec: ModelSpec,
    as_of: dt.date,
    data: Dataset,
    extra: dict[str, Any],
    progress: Progress | None,
) -> tuple[store.ModelRun, Judged]:
    """Train and judge as `train` does, and keep nothing."""
    features, judged = _learn(settings, spec, data, progress)
    params = {
        **_identity(settings, spec),
        **extra,
        "features": [feature.name for feature in features],
        "candidate": judged.candidate.as_json() if judged.candidate else None,
        "base_rate": base_rate(data.label, data.date, settings.churn.horizon_days).as_json(),
        "comparison": judged.comparison,
        "fitted_on": _fitted_on(data),
    }
    version = _version(settings, spec, as_of, data, extra)
    return _run_of(judged, spec, version, as_of, data, params), judged


def _version(
    settings: Settings, spec: ModelSpec, as_of: dt.date, data: Dataset, extra: dict[str, Any]
) -> str:
    known = {**_identity(settings, spec), **extra}
    return store.version_of(spec.name, as_of, _fingerprint(data, known))


def _keep(reader: Reader, spec: ModelSpec, run: store.ModelRun, judged: Judged) -> None:
    exam = promotion.exam_of(judged.test, judged.forecast)
    champion = registry.champion_of(reader, spec.name, run.as_of_date)
    kept = store.load_exam(reader, champion.model_version) if champion else None
    store.save(reader, run, judged.model, exam.to_bytes() if exam else None)
    former = promotion.Exam.from_bytes(kept) if kept else None
    decision = promotion.decide(run, champion, spec.declared, judged.test, (exam, former))
    registry.record(reader, spec.name, run.as_of_date, decision)


def _learn(
    settings: Settings, spec: ModelSpec, data: Dataset, progress: Progress | None
) -> tuple[tuple[Feature, ...], Judged]:
    from ml.common.training import train_and_judge  # noqa: PLC0415 - scikit-learn takes seconds

    features = covered(data, spec.features)
    judged = train_and_judge(
        data,
        features,
        spec.words,
        settings.churn.horizon_days,
        has_rule=bool(np.isfinite(data.rule).any()) or not len(data),
        progress=progress,
    )
    return features, judged


def _fitted_on(data: Dataset) -> dict[str, Any]:
    start, end = _span(data)
    return {
        "start": start.isoformat() if start else None,
        "end": end.isoformat() if end else None,
        "rows": len(data),
        "events": data.events,
        "announced": 0 if data.announced is None else int(data.announced.sum()),
    }


def _run_of(
    judged: Judged,
    spec: ModelSpec,
    version: str,
    as_of: dt.date,
    data: Dataset,
    params: dict[str, Any],
) -> store.ModelRun:
    train_start, train_end = _span(judged.train)
    test_start, test_end = _span(judged.test)
    measures: dict[str, Any] = {k: v.as_json() for k, v in judged.measures.items()}
    if judged.calibration:
        measures["calibration"] = judged.calibration
    return store.ModelRun(
        model_version=version,
        model_name=spec.name,
        as_of_date=as_of,
        train_start=train_start,
        train_end=train_end,
        test_start=test_start,
        test_end=test_end,
        rows_train=len(judged.train),
        rows_test=len(judged.test),
        events_train=judged.train.events,
        events_test=judged.test.events,
        accounts=len(np.unique(data.account)),
        metrics=measures,
        baseline_metrics={
            "rule": {k: v.as_json() for k, v in judged.rule_measures.items()},
            "base_rate": {k: {"value": round(v, 6)} for k, v in judged.base_measures.items()},
        },
        verdict=judged.verdict.basis,
        verdict_reason=judged.verdict.reason,
        params=params,
        has_model=judged.model is not None,
    )


def _span(data: Dataset) -> tuple[dt.date | None, dt.date | None]:
    if not len(data):
        return None, None
    return data.date.min().item(), data.date.max().item()


def _fingerprint(data: Dataset, identity: dict[str, Any]) -> list[bytes]:
    numeric = data.frame.drop(columns=PRODUCT, errors="ignore").to_numpy(dtype=np.float64)
    parts = [numeric.tobytes(), data.label.tobytes(), data.rule.tobytes()]
    parts += [data.date.astype("int64").tobytes(), "\n".join(map(str, data.account)).encode()]
    if PRODUCT in data.frame:
        parts.append("\n".join(map(str, data.frame[PRODUCT])).encode())
    return [*parts, store.canonical([list(data.frame.columns), identity])]


def with_features(labels: pd.DataFrame, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Join labels to the snapshots they belong to; what lacks either side is left out."""
    merged = labels.merge(snapshots, on=["account_id", "as_of_date"], how="inner")
    order = [*(["product"] if "product" in merged else []), "account_id", "as_of_date"]
    ranked = np.lexsort([merged[name].to_numpy().astype("U") for name in order])
    return merged.iloc[ranked].reset_index(drop=True)
