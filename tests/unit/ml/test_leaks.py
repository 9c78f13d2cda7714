"""Leaks put in on purpose: each is caught by a check that the code as it is passes."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

from ml.common import splits, training, tuning
from ml.common.dataset import Dataset
from ml.common.estimator import DEFAULT
from ml.common.features import HEALTH_SCORE, SNAPSHOT_FEATURES
from ml.common.model import FittedModel
from tests.unit.ml.worlds import CHURN_WORDS, HORIZON, company, dataset

Build = Callable[[pd.DataFrame], Dataset]
LABELS = {"is_known", "is_churned", "churned_date", "noticed_date"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(splits, "EXAM_FOLDS", 2)
    monkeypatch.setattr(tuning, "LOGISTIC", (DEFAULT,))
    monkeypatch.setattr(tuning, "BOOSTING_EVENTS", 10**6)
    yield


@pytest.fixture(scope="module")
def world() -> pd.DataFrame:
    return company(accounts=120, weeks=60)


def first_slice(data: Dataset) -> training.Judged:
    return training.train_and_judge(data, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)


def the_past_stands(world: pd.DataFrame, build: Build = dataset) -> None:
    """What is foretold up to a day is the same, to the bit, whatever happens after it."""
    straight = first_slice(build(world))
    dates = np.unique(straight.test.date)
    day = dates[len(dates) // 2 - 1]  # the last of the first of two slices
    turned = world.copy()
    later = turned["as_of_date"].to_numpy() > day
    rng = np.random.default_rng(3)
    for feature in SNAPSHOT_FEATURES:
        values = turned.loc[later, feature.name].to_numpy()
        turned.loc[later, feature.name] = rng.permutation(values) * 3
    undecided = turned["as_of_date"].to_numpy() + np.timedelta64(HORIZON, "D") > day
    turned.loc[undecided, "is_churned"] = rng.integers(0, 2, undecided.sum())
    found = first_slice(build(turned))
    known = straight.test.date <= day
    assert known.any()
    assert (straight.forecast[known] == found.forecast[known]).all()


def scored_alone_as_among_others(data: Dataset) -> None:
    model = first_slice(data).model
    assert model is not None
    among = model.probability(data.frame.tail(60))
    alone = model.probability(data.frame.tail(60).head(1))
    assert alone[0] == pytest.approx(among[0], abs=1e-12)


def nothing_is_found_where_there_is_nothing(build: Build = dataset) -> None:
    silent = company(accounts=120, weeks=60, signal=0.0, weekly_log_odds=-4.5)
    verdict = first_slice(build(silent)).verdict
    assert verdict.basis == "rule"
    assert "no better than" in verdict.reason


class TestTheCodeAsItIs:
    def test_what_is_foretold_up_to_a_day_knows_nothing_after_it(self, world: pd.DataFrame) -> None:
        the_past_stands(world)

    def test_a_customer_scores_alone_as_among_others(self, world: pd.DataFrame) -> None:
        scored_alone_as_among_others(dataset(world))

    def test_without_a_signal_nothing_is_found(self) -> None:
        nothing_is_found_where_there_is_nothing()

    def test_no_label_is_declared_a_feature(self) -> None:
        assert not LABELS & {feature.name for feature in (*SNAPSHOT_FEATURES, HEALTH_SCORE)}


def next_month_s_usage(frame: pd.DataFrame) -> Dataset:
    ahead = frame.groupby("account_id")["active_users_28d"].shift(-4)
    return dataset(frame.assign(active_users_28d=ahead.fillna(0)))


def the_label_as_a_feature(frame: pd.DataFrame) -> Dataset:
    return dataset(frame.assign(bad_ratings_90d=frame["is_churned"].astype(float)))


class TestALeak:
    def test_of_a_feature_from_the_future_is_caught(self, world: pd.DataFrame) -> None:
        with pytest.raises(AssertionError):
            the_past_stands(world, next_month_s_usage)

    def test_of_a_label_in_a_feature_is_caught(self, world: pd.DataFrame) -> None:
        with pytest.raises(AssertionError):
            the_past_stands(world, the_label_as_a_feature)
        with pytest.raises(AssertionError):
            nothing_is_found_where_there_is_nothing(the_label_as_a_feature)

    def test_of_a_scaler_fitted_on_all_days_is_caught(
        self, world: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole: list[Dataset] = []
        fit_calibrated = training.fit_calibrated

        def on_all_days(*arguments: object, **options: object) -> FittedModel:
            model = fit_calibrated(*arguments, **options)  # type: ignore[arg-type]
            model.pipeline.named_steps["columns"].fit(whole[-1].frame[list(model.features)])
            return model

        def build(frame: pd.DataFrame) -> Dataset:
            whole.append(dataset(frame))
            return whole[-1]

        monkeypatch.setattr(training, "fit_calibrated", on_all_days)
        with pytest.raises(AssertionError):
            the_past_stands(world, build)

    def test_of_a_scaler_fitted_again_when_scoring_is_caught(
        self, world: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        transform = FittedModel.transform

        def refitted(model: FittedModel, frame: pd.DataFrame) -> np.ndarray:
            columns = transform(model, frame)
            return (columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), 1e-9)

        monkeypatch.setattr(FittedModel, "transform", refitted)
        with pytest.raises(AssertionError):
            scored_alone_as_among_others(dataset(world))
