import numpy as np
import pytest

from ml.common.baserate import BaseRate, base_rate, rule_factors, rule_mean, rule_probability
from ml.common.calibration import fit_calibrator, sigmoid

WEEKS = np.repeat(np.datetime64("2024-01-01") + (np.arange(26) * 7).astype("timedelta64[D]"), 100)


def test_no_event_gives_a_small_rate_and_no_data_a_wide_one() -> None:
    none = base_rate(np.zeros(2600), WEEKS, 91)
    assert none.value == pytest.approx(0.5 / 201)
    empty = base_rate(np.zeros(0), WEEKS[:0], 91)
    assert (empty.value, empty.low < 0.01, empty.high > 0.99) == (0.5, True, True)


def test_the_interval_counts_an_event_once_though_many_weeks_saw_it() -> None:
    label = (np.arange(2600) % 20 == 0).astype(float)
    weekly = base_rate(label, WEEKS, 91)
    independent = base_rate(label, WEEKS, 7)
    assert weekly.value == pytest.approx(independent.value, abs=0.005)
    assert weekly.high - weekly.low > 3 * (independent.high - independent.low)


def test_the_rule_keeps_the_base_rate_on_average_and_bounds_each() -> None:
    lacking = np.array([0.1, 0.5, 0.9, np.nan])
    factors = rule_factors(lacking, rule_mean(lacking))
    value, low, high = rule_probability(BaseRate(0.1, 0.05, 0.2), factors)
    assert value == pytest.approx([0.02, 0.1, 0.18, 0.1])
    assert (low <= value).all()
    assert (value <= high).all()
    extreme, _, _ = rule_probability(BaseRate(0.9, 0.8, 0.95), np.array([0.0, 50.0]))
    assert extreme == pytest.approx([0.001, 0.99])


def test_a_calibrator_finds_overconfidence() -> None:
    rng = np.random.default_rng(1)
    raw = rng.normal(0, 2, 20_000)
    label = (rng.random(20_000) < sigmoid(0.5 * raw - 1)).astype(float)
    found = fit_calibrator(raw, label, np.arange(20_000), raw, label)
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.intercept == pytest.approx(-1, abs=0.05)


def test_a_calibrator_without_evidence_changes_next_to_nothing() -> None:
    raw, label = np.array([-3.0, -2.9]), np.array([0.0, 0.0])
    found = fit_calibrator(raw, label, np.array([0, 1]), raw, label)
    assert found.slope == pytest.approx(1, abs=0.2)
    assert abs(found.intercept) < 0.5


def test_the_level_is_that_of_all_known_days_and_the_slope_that_of_the_unseen() -> None:
    rng = np.random.default_rng(3)
    raw = rng.normal(-2, 1, 5_000)
    label = (rng.random(5_000) < sigmoid(raw)).astype(float)
    early = (rng.random(5_000) < sigmoid(raw - 1)).astype(float)
    found = fit_calibrator(raw, early, np.arange(5_000), raw, label)
    assert found.slope == pytest.approx(1, abs=0.1)
    assert sigmoid(found.apply(raw)).sum() == pytest.approx(label.sum(), abs=0.5)


def test_repeated_rows_do_not_make_a_calibrator_surer() -> None:
    rng = np.random.default_rng(2)
    raw = rng.normal(-1, 1, 300)
    label = (rng.random(300) < sigmoid(raw)).astype(float)
    once = fit_calibrator(raw, label, np.arange(300), raw, label)
    ten, again = np.tile(raw, 10), np.tile(label, 10)
    copied = fit_calibrator(ten, again, np.tile(np.arange(300), 10), ten, again)
    assert copied.covariance[0][0] == pytest.approx(once.covariance[0][0], rel=0.15)
