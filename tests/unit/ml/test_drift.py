"""Monitors that stay silent however many customers there are, unless something really moved."""

import datetime as dt

import numpy as np
import pytest

from ml.common.drift import (
    RATIO_MATTERS,
    SHIFT_MATTERS,
    SLOPE_MATTERS,
    UNKNOWN_MATTERS,
    Sample,
    calibration,
    is_shifted,
    is_slipped,
    shifts,
    slope,
)
from ml.common.monitor import weekly

SIZES = [200, 2_000, 20_000]
DATES = 8
OVERLAP = 13.0


def customers(
    n: int, moved: float = 0.0, seed: int = 0, unknown: float = 0.0
) -> tuple[Sample, Sample]:
    """Each customer has a level of its own that wanders; a fifth of today's are new."""
    rng = np.random.default_rng([seed, n])
    level = rng.normal(size=n)
    then = np.concatenate([level + 0.5 * rng.normal(size=n) for _ in range(DATES)])
    newer = np.where(rng.random(n) < 0.2, rng.normal(size=n), level)
    now = newer + 0.5 * rng.normal(size=n) + moved * np.sqrt(1.25)
    now[rng.random(n) < unknown] = np.nan
    names = np.arange(n)
    fresh = np.where(newer == level, names, n + names)
    return Sample(then, np.tile(names, DATES)), Sample(now, fresh)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("moved", [0.0, 0.25], ids=["nothing moved", "a little moved"])
def test_the_same_world_is_never_flagged_however_many_customers(n: int, moved: float) -> None:
    for seed in range(20 if n < 20_000 else 4):
        distance, unknown = shifts(*customers(n, moved, seed), "linear")
        assert not is_shifted(distance, SHIFT_MATTERS)
        assert not is_shifted(unknown, UNKNOWN_MATTERS)


@pytest.mark.parametrize("n", SIZES)
def test_a_real_shift_is_flagged(n: int) -> None:
    for seed in range(10 if n < 20_000 else 3):
        distance, _ = shifts(*customers(n, 1.0, seed), "linear")
        assert is_shifted(distance, SHIFT_MATTERS)
        assert distance.value == pytest.approx(1.0, abs=0.3)


def test_the_noise_of_a_small_sample_is_taken_off() -> None:
    found = [shifts(*customers(200, 0.0, seed), "linear")[0].value for seed in range(30)]
    assert np.mean(found) < 0.08


@pytest.mark.parametrize("n", SIZES)
def test_values_that_are_no_longer_known_are_flagged(n: int) -> None:
    assert is_shifted(shifts(*customers(n, unknown=0.4), "linear")[1], UNKNOWN_MATTERS)
    assert not is_shifted(shifts(*customers(n, unknown=0.1), "linear")[1], UNKNOWN_MATTERS)


def test_one_absurd_value_is_no_shift() -> None:
    then, now = customers(2_000)
    now.values[0] = 1e300
    assert not is_shifted(shifts(then, now, "linear")[0], SHIFT_MATTERS)


def test_a_feature_that_was_constant_or_never_known_is_judged_without_harm() -> None:
    then, now = customers(300)
    constant = Sample(np.full(len(then.values), 3.0), then.account)
    same = Sample(np.full(len(now.values), 3.0), now.account)
    assert shifts(constant, same, "linear")[0].value == 0
    never = Sample(np.full(len(now.values), np.nan), now.account)
    distance, unknown = shifts(then, never, "log")
    assert not is_shifted(distance, SHIFT_MATTERS)
    assert unknown.value == 1


def scores(n: int, truth: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weekly scores of n accounts, 6% of which leave (times the truth), each seen 13 times."""
    rng = np.random.default_rng([seed, n])
    chance = rng.beta(0.6, 9.4, n)
    left = rng.random(n) < np.clip(chance * truth, 0, 1)
    weeks = int(OVERLAP)
    account = np.repeat(np.arange(n), weeks)
    return np.repeat(left, weeks).astype(float), np.repeat(chance, weeks), account


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("truth", [1.0, 1.2], ids=["right", "slightly off"])
def test_a_right_calibration_is_never_flagged_however_many_customers(n: int, truth: float) -> None:
    flagged = sum(
        is_slipped(calibration(*scores(n, truth, seed), OVERLAP), RATIO_MATTERS)
        for seed in range(60)
    )
    assert flagged <= 1


@pytest.mark.parametrize(("n", "truth"), [(2_000, 2.2), (20_000, 2.2), (2_000, 0.4), (20_000, 0.4)])
def test_a_slipped_calibration_is_flagged(n: int, truth: float) -> None:
    for seed in range(10):
        assert is_slipped(calibration(*scores(n, truth, seed), OVERLAP), RATIO_MATTERS)


def test_the_interval_of_a_calibration_holds_the_truth_nine_times_in_ten() -> None:
    held = 0
    for seed in range(200):
        found = calibration(*scores(300, 1.0, seed), OVERLAP)
        held += found.low <= 1.0 <= found.high
    assert held >= 178


def test_no_event_where_few_were_foretold_says_nothing() -> None:
    account = np.array([0, 1])
    found = calibration(np.zeros(2), np.full(2, 0.5), account, 1.0)
    assert (found.value, found.low) == (0, 0)
    assert found.high > RATIO_MATTERS
    assert not is_slipped(found, RATIO_MATTERS)


def bold_scores(n: int, boldness: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weekly scores whose chances lie farther apart (above 1) or nearer than they should."""
    rng = np.random.default_rng([seed, n])
    true = rng.normal(-2.5, 1.0, n)
    left = rng.random(n) < 1 / (1 + np.exp(-true))
    foretold = 1 / (1 + np.exp(-(-2.5 + boldness * (true + 2.5))))
    return np.repeat(left, 4).astype(float), np.repeat(foretold, 4), np.repeat(np.arange(n), 4)


@pytest.mark.parametrize("boldness", [1.0, 1.4, 0.7], ids=["right", "a bit bold", "a bit timid"])
@pytest.mark.parametrize("n", [300, 3_000, 30_000])
def test_a_slope_that_is_nearly_right_is_never_flagged_however_many_customers(
    n: int, boldness: float
) -> None:
    for seed in range({300: 8, 3_000: 2, 30_000: 1}[n]):
        assert not is_slipped(slope(*bold_scores(n, boldness, seed)), SLOPE_MATTERS)


@pytest.mark.parametrize("boldness", [4.0, 0.3], ids=["far too bold", "far too timid"])
def test_chances_far_too_bold_or_too_timid_are_flagged(boldness: float) -> None:
    found = slope(*bold_scores(3_000, boldness, 0))
    assert is_slipped(found, SLOPE_MATTERS)
    assert found.low < 1 / boldness < found.high


def test_a_slope_of_few_events_says_nothing() -> None:
    label = np.zeros(200)
    label[:19] = 1
    assert np.isnan(slope(label, np.linspace(0.1, 0.9, 200), np.arange(200)).value)


def test_one_date_a_week_is_judged_however_often_was_scored() -> None:
    days = [dt.date(2026, 6, day) for day in (1, 2, 3, 8, 9, 20, 21, 30)]
    assert [day.day for day in weekly(days)] == [1, 8, 20, 30]
