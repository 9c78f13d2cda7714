import numpy as np
import pytest
from sklearn import metrics as reference

from ml.common import metrics

RNG = np.random.default_rng(3)
LABEL = (RNG.random(400) < 0.2).astype(float)
SCORE = np.round(np.clip(0.2 + 0.1 * LABEL + 0.1 * RNG.normal(size=400), 0.01, 0.99), 2)
WEIGHT = RNG.integers(0, 4, 400).astype(float)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (metrics.auc, reference.roc_auc_score),
        (metrics.average_precision, reference.average_precision_score),
        (metrics.brier, reference.brier_score_loss),
        (metrics.log_loss, reference.log_loss),
    ],
)
def test_measures_agree_with_scikit_learn_under_weights(ours, theirs) -> None:
    assert ours(LABEL, SCORE, WEIGHT) == pytest.approx(
        theirs(LABEL, SCORE, sample_weight=WEIGHT), abs=1e-12
    )


def test_calibration_slope_is_one_for_honest_and_half_for_doubled_log_odds() -> None:
    log_odds = RNG.normal(-1, 1, 200_000)
    label = (RNG.random(200_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    ones = np.ones(200_000)
    honest = metrics.calibration_slope(label, 1 / (1 + np.exp(-log_odds)), ones)
    bold = metrics.calibration_slope(label, 1 / (1 + np.exp(-2 * log_odds)), ones)
    assert honest == pytest.approx(1, abs=0.03)
    assert bold == pytest.approx(honest / 2, abs=1e-6)


def test_top_decile_counts_the_best_tenth() -> None:
    label = np.array([1.0] * 5 + [0.0] * 95)
    score = -np.arange(100.0)
    assert metrics.precision_at_top(label, score, np.ones(100)) == pytest.approx(0.5)
    assert metrics.lift_at_top(label, score, np.ones(100)) == pytest.approx(10)
    assert metrics.lift_at_top(label, np.zeros(100), np.ones(100)) == pytest.approx(1)


def test_intervals_widen_when_rows_are_copies_of_few_accounts() -> None:
    accounts = np.array([f"a{i}" for i in range(400)], dtype=object)
    few = np.array([f"a{i % 20}" for i in range(400)], dtype=object)
    order = np.argsort(few, kind="stable")
    label, score = np.repeat(LABEL[:20], 20), np.repeat(SCORE[:20], 20)
    narrow = metrics.ClusterBootstrap(accounts).estimate(lambda w: metrics.auc(label, score, w))
    wide = metrics.ClusterBootstrap(few[order]).estimate(lambda w: metrics.auc(label, score, w))
    assert wide.value == narrow.value
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_one_class_has_no_auc_and_says_null() -> None:
    bootstrap = metrics.ClusterBootstrap(np.array(["a", "b"], dtype=object))
    found = metrics.evaluate(np.zeros(2), np.array([0.1, 0.2]), bootstrap)
    assert found["auc"].as_json() == {"value": None, "low": None, "high": None}
    assert found["brier"].value == pytest.approx(0.025)


def test_calibration_table_counts_every_row_once() -> None:
    table = metrics.calibration_table(LABEL, SCORE)
    assert sum(row["rows"] for row in table) == 400
    assert [row["predicted"] for row in table] == sorted(row["predicted"] for row in table)
