from dataclasses import replace

import numpy as np
import pytest

from ml.churn.schema import SPEC
from ml.churn.train import as_dataset
from ml.common import splits, store
from ml.common.calibration import Calibrator
from ml.common.estimator import BOOSTING, DEFAULT
from ml.common.features import HEALTH_SCORE, SNAPSHOT_FEATURES
from ml.common.lifecycle import covered
from ml.common.model import FittedModel, fit
from ml.common.training import Dataset, Judged, train_and_judge
from tests.unit.ml.worlds import CHURN_WORDS, GRACE, HORIZON, company, dataset
from warehouse.errors import CopilotError


@pytest.fixture(scope="module")
def telling() -> Dataset:
    return dataset(company())


@pytest.fixture(scope="module")
def judged(telling: Dataset) -> Judged:
    return train_and_judge(telling, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)


@pytest.fixture(scope="module", params=[DEFAULT, BOOSTING], ids=lambda c: c.kind)
def model(request: pytest.FixtureRequest, telling: Dataset) -> FittedModel:
    frame = telling.frame.assign(product=np.where(np.arange(len(telling)) % 2, "crm", "bi"))
    fitted = fit(frame, telling.label, telling.cluster, SNAPSHOT_FEATURES, request.param, 12.9)
    return replace(fitted, calibrator=Calibrator(0.7, -0.4, ((0.02, 0.01), (0.01, 0.03))))


def sample(data: Dataset) -> "object":
    return data.frame.assign(product="crm").tail(60)


def test_signal_opens_the_gate(judged: Judged) -> None:
    assert judged.verdict.basis == "model"
    assert judged.measures["auc"].low > 0.6
    assert judged.test.date.min() - judged.train.date.max() >= np.timedelta64(HORIZON, "D")


def test_without_signal_the_gate_stays_closed() -> None:
    # By chance alone it opens in one world of twenty or so: `benchmarks.simulated_worlds`.
    silent = dataset(company(signal=0.0, weekly_log_odds=-5.0, seed=2))
    found = train_and_judge(silent, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)
    assert found.verdict.basis == "rule"
    assert "no better than" in found.verdict.reason


def test_notices_are_learnt_from_and_open_no_gate() -> None:
    """Whoever has given notice is sure to leave, and foretelling that proves nothing."""
    frame = company(signal=0.0, weekly_log_odds=-5.0, seed=2)
    last_seen = frame.groupby("account_id")["as_of_date"].transform("max")
    is_noticed = (frame["is_churned"] == 1) & (
        last_seen - frame["as_of_date"] <= np.timedelta64(28, "D")
    )
    known = frame["as_of_date"] <= frame["as_of_date"].max() - np.timedelta64(HORIZON + GRACE, "D")
    data = as_dataset(frame.assign(cancelled_share=is_noticed.astype(float))[known])
    found = train_and_judge(data, SPEC.features, CHURN_WORDS, HORIZON)
    assert found.verdict.basis == "rule"
    assert (found.test.frame["cancelled_share"] == 0).all()
    assert found.model is not None
    said = found.model.probability(data.frame)
    assert data.announced is not None
    assert said[data.announced].min() > 0.7 > 0.3 > said[~data.announced].max()


def test_few_events_close_the_gate_though_the_signal_is_perfect(telling: Dataset) -> None:
    gone = np.unique(telling.account[telling.label == 1])[3:]
    few = telling.part(~np.isin(telling.account, gone))
    found = train_and_judge(few, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)
    assert found.verdict.reason.startswith("Only 3 customers left in the data")
    assert found.model is not None


def test_training_again_gives_the_same_bits(telling: Dataset, judged: Judged) -> None:
    again = train_and_judge(telling, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)
    assert judged.model is not None
    assert again.model is not None
    assert again.measures == judged.measures
    assert (again.model.probability(telling.frame) == judged.model.probability(telling.frame)).all()


def test_a_split_that_leaks_is_caught(telling: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    middle = np.median(telling.date.astype(int))
    leaky = splits.TimeSplit(
        train=telling.date.astype(int) < middle, test=telling.date.astype(int) >= middle
    )
    monkeypatch.setattr(splits, "exam_folds", lambda *_: [leaky])
    with pytest.raises(splits.LeakError):
        train_and_judge(telling, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)


def test_folds_that_leak_are_caught(telling: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.ones(len(telling), dtype=bool)

    def leaky(dates: np.ndarray, _: np.ndarray, gap: int) -> list[splits.TimeSplit]:
        return [splits.TimeSplit(whole[: len(dates)], whole[: len(dates)])]

    monkeypatch.setattr(splits, "forward_folds", leaky)
    with pytest.raises(splits.LeakError):
        train_and_judge(telling, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)


def test_held_out_outcomes_do_not_shape_what_they_judge(
    telling: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turn every outcome of one slice round: the same forecast must be as wrong as it was right."""
    monkeypatch.setattr(splits, "EXAM_FOLDS", 1)
    straight = train_and_judge(telling, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)
    later = telling.date >= straight.test.date.min()
    turned = replace(telling, label=np.where(later, 1 - telling.label, telling.label))
    found = train_and_judge(turned, SNAPSHOT_FEATURES, CHURN_WORDS, HORIZON)
    there, back = straight.measures["auc"].value, found.measures["auc"].value
    assert back == pytest.approx(1 - there, abs=1e-12)


def test_contributions_add_up_to_the_log_odds(model: FittedModel, telling: Dataset) -> None:
    parts, baseline = model.contributions(sample(telling))
    assert np.abs(parts.sum(axis=1) + baseline - model.log_odds(sample(telling))).max() < 1e-9
    assert np.abs(parts).max() > 0.01


def test_a_stored_model_scores_to_the_bit(model: FittedModel, telling: Dataset) -> None:
    again = store.load(store.dump(model))
    assert (again.probability(sample(telling)) == model.probability(sample(telling))).all()
    assert (np.array(again.interval(sample(telling))) == model.interval(sample(telling))).all()


def test_intervals_hold_the_probability_and_are_not_empty(
    model: FittedModel, telling: Dataset
) -> None:
    low, high = model.interval(sample(telling))
    probability = model.probability(sample(telling))
    assert (low < probability).all()
    assert (probability < high).all()
    assert (high < 1).all()


def test_scoring_fits_nothing(model: FittedModel, telling: Dataset) -> None:
    alone = model.probability(sample(telling).head(1))
    among = model.probability(sample(telling))
    assert alone[0] == pytest.approx(among[0], abs=1e-12)


def test_an_absent_feature_is_named(model: FittedModel, telling: Dataset) -> None:
    with pytest.raises(CopilotError, match="lacks the column tickets_30d"):
        model.probability(sample(telling).drop(columns="tickets_30d"))


def test_unheard_of_values_are_bounded_by_what_was_learnt(
    model: FittedModel, telling: Dataset
) -> None:
    strange = sample(telling).head(4).assign(product="never seen")
    strange.loc[:, "mrr"] = [np.inf, -np.inf, 1e300, -1e300]
    strange.loc[:, "seats"] = np.nan
    probability = model.probability(strange)
    assert np.isfinite(probability).all()
    assert ((probability > 0) & (probability < 1)).all()


def test_an_artefact_with_a_foreign_type_is_refused() -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    with pytest.raises(CopilotError, match="not trusted"):
        store.load(skops.io.dumps({"pipeline": FunctionTransformer(np.log), "x": sample}))


def test_a_feature_recorded_lately_is_not_learnt_from(telling: Dataset) -> None:
    late = telling.frame.copy()
    late.loc[telling.date < np.quantile(telling.date.astype(int), 0.9).astype(int).astype(
        "datetime64[D]"
    ), "tickets_90d"] = np.nan  # fmt: skip
    names = {f.name for f in covered(replace(telling, frame=late), SNAPSHOT_FEATURES)}
    assert names == {f.name for f in SNAPSHOT_FEATURES} - {"tickets_90d"}


def test_a_snapshot_that_began_within_the_window_is_not_learnt_from(telling: Dataset) -> None:
    begun = telling.frame.copy()
    begun.loc[begun.index[:1], "open_tickets"] = np.nan
    names = {f.name for f in covered(replace(telling, frame=begun), SNAPSHOT_FEATURES)}
    assert names == {f.name for f in SNAPSHOT_FEATURES} - {"open_tickets"}


def test_many_rows_are_thinned_by_date_keeping_the_latest(telling: Dataset) -> None:
    thin = telling.thinned(3000)
    assert len(thin) <= 3200
    assert thin.date.max() == telling.date.max()


def test_repeated_snapshots_make_no_interval_narrower(telling: Dataset) -> None:
    """The same days seen twice as often, at twice the overlap, tell what they told before."""
    twice = np.repeat(np.arange(len(telling)), 2)
    once = fit(telling.frame, telling.label, telling.cluster, SNAPSHOT_FEATURES, DEFAULT, 6.0)
    again = fit(
        telling.frame.iloc[twice].reset_index(drop=True),
        telling.label[twice],
        telling.cluster[twice],
        SNAPSHOT_FEATURES,
        DEFAULT,
        12.0,
    )
    rows = sample(telling)
    assert again.probability(rows) == pytest.approx(once.probability(rows), rel=0.01)
    assert np.array(again.interval(rows)) == pytest.approx(np.array(once.interval(rows)), rel=0.01)


def test_a_trusted_feature_is_shrunk_less(telling: Dataset) -> None:
    copied = telling.frame.assign(health_score=telling.frame["seat_utilisation"])
    features = (*SNAPSHOT_FEATURES, HEALTH_SCORE)
    model = fit(copied, telling.label, telling.cluster, features, DEFAULT, 12.9)
    parts, _ = model.contributions(copied.tail(200))
    spread = dict(zip(model.features, parts.std(axis=0), strict=True))
    assert spread["health_score"] > 3 * spread["seat_utilisation"]
